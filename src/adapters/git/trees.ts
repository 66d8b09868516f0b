// Reading and writing commits of a target repository in this worker's mirror, and showing candidates in the repository itself.
import type { TreeEntry, Trees } from '../../activities/ports';
import { candidateRef, type Place } from '../../domain/names';
import { allowedChanges } from './changes';
import { compare, mergedTree, searchText } from './comparing';
import { extractFiles } from './extracting';
import type { Git } from './git';
import { positions, resolve, resolveIfThere, type Mirror, type Mirrors } from './mirror';
import { batches, blobs, entriesOf, isFile, isPlain } from './objects';
import { openRepository } from './opening';
import { assertPushed, push } from './pushing';
import { writeCommit, writeCommitOfTree } from './writing';

const READ_LIMIT_BYTES = 1_000_000;

export function createTrees(git: Git, mirrors: Mirrors): Trees {
  const holding = (repository: string, ...names: string[]) => mirrorHolding(mirrors, repository, names);
  return {
    open: (repository, base) => openRepository(git, mirrors, repository, base),
    head: async (repository, branch) => {
      const ref = `refs/heads/${branch}`;
      return (await positions(await mirrors(repository), [ref])).get(ref);
    },
    treeOf: async (repository, commit) => (await resolve(await mirrors(repository), [`${commit}^{tree}`]))[0]!,
    isAncestor: async (repository, ancestor, descendant) => {
      const mirror = await holding(repository, descendant);
      if ((await resolveIfThere(mirror, [ancestor]))[0] === undefined) return false;
      const answer = await mirror.run(['merge-base', '--is-ancestor', ancestor, descendant], { answers: [1] });
      return answer.code === 0;
    },
    parents: async (repository, commit) => {
      const mirror = await holding(repository, commit);
      const line = await mirror.ask(['rev-list', '--parents', '--max-count=1', commit]);
      return line.trim().split(' ').slice(1);
    },
    list: async (repository, treeish) => entriesOf(await holding(repository, treeish), treeish),
    read: async (repository, treeish, paths, limitBytes = READ_LIMIT_BYTES) =>
      readTexts(await holding(repository, treeish), treeish, paths, limitBytes),
    search: async (repository, treeish, text, limit) =>
      searchText(await holding(repository, treeish), treeish, text, limit),
    diff: async (repository, from, to, paths) => compare(await holding(repository, from, to), from, to, paths),
    commit: async ({ repository, onto, parents, changes, ...rest }) => {
      const mirror = await mirrors(repository);
      const [tree] = await resolve(mirror, [`${onto}^{tree}`, ...parents]);
      return writeCommit(mirror, { ...rest, tree, parents, changes: await allowedChanges(mirror, tree!, changes) });
    },
    mergeTree: async (repository, ours, theirs) => mergedTree(await holding(repository, ours, theirs), ours, theirs),
    commitTree: async ({ repository, ...commit }) =>
      writeCommitOfTree(await holding(repository, commit.tree, ...commit.parents), commit),
    propose: async (repository, place, commit) => propose(await holding(repository, commit), place, commit),
    withdraw: async (repository, place) => withdraw(await mirrors(repository), place),
    extract: async (repository, treeish, folder, paths) =>
      extractFiles(await holding(repository, treeish), treeish, folder, paths?.filter(isPlain)),
  };
}

async function mirrorHolding(mirrors: Mirrors, repository: string, names: readonly string[]): Promise<Mirror> {
  const mirror = await mirrors(repository);
  await resolve(mirror, names);
  return mirror;
}

async function readTexts(mirror: Mirror, tree: string, paths: readonly string[], limitBytes: number) {
  const entries = await entriesOf(mirror, tree, paths.filter(isPlain));
  const wanted = new Set(paths);
  const small = (entry: TreeEntry) => wanted.has(entry.path) && isFile(entry) && entry.bytes <= limitBytes;
  const texts = new Map<string, string>();
  for (const batch of batches(entries.filter(small))) {
    const shas = batch.map(({ sha }) => sha);
    const contents = await blobs(mirror, shas);
    batch.forEach(({ path }, index) => isText(contents[index]!) && texts.set(path, contents[index]!.toString()));
  }
  return texts;
}

// As git tells them apart: a binary file has a zero byte near its beginning.
const isText = (content: Buffer): boolean => !content.subarray(0, 8_000).includes(0);

async function propose(mirror: Mirror, place: Place, commit: string): Promise<void> {
  const moves = [{ ref: candidateRef(place), from: 'anywhere' as const, to: commit }];
  const pushed = await push(mirror, moves);
  if (pushed.outcome !== 'refused' || !/non-fast-forward/.test(pushed.reason))
    return assertPushed(pushed, 'the candidate', mirror);
  // A repository shared by a group takes no forced push by default, but a new branch of the same name.
  await withdraw(mirror, place);
  assertPushed(await push(mirror, moves), 'the candidate', mirror);
}

async function withdraw(mirror: Mirror, place: Place): Promise<void> {
  const ref = candidateRef(place);
  const from = (await positions(mirror, [ref])).get(ref);
  if (from === undefined) return;
  const pushed = await push(mirror, [{ ref, from, to: undefined }]);
  if (pushed.outcome === 'lost' && !(await positions(mirror, [ref])).has(ref)) return;
  assertPushed(pushed, "the candidate branch's removal", mirror);
}
