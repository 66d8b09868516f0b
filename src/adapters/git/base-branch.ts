// The only way the base branch moves: one merge commit of exactly the proved tree, if the branch still stands where it was proved.
import type { BaseBranch, MergeOutcome } from '../../activities/ports';
import { transient } from '../../domain/failures';
import { mergedTree } from './comparing';
import { findKey, findMergeOf, withTrailers } from './history';
import { positions, resolve, resolveIfThere, type Mirror, type Mirrors } from './mirror';
import { push } from './pushing';
import { writeCommitOfTree } from './writing';

type Merge = Parameters<BaseBranch['merge']>[0];

/** With a key, every merge is signed. */
export function createBaseBranch(mirrors: Mirrors, signingKey?: string): BaseBranch {
  return { merge: async (merge) => mergeInto(await mirrors(merge.repository), merge, signingKey) };
}

async function mergeInto(mirror: Mirror, merge: Merge, signingKey?: string): Promise<MergeOutcome> {
  const elsewhere = await movedOn(mirror, merge);
  if (elsewhere) return elsewhere;
  const commit = await mergeCommit(mirror, merge, signingKey);
  const pushed = await push(mirror, [{ ref: refOf(merge), from: merge.base, to: commit }]);
  switch (pushed.outcome) {
    case 'pushed':
      return { outcome: 'merged', commit, base: merge.base };
    case 'refused':
      return { outcome: 'refused', reason: withCure(pushed.reason) };
    case 'lost':
      return (await movedOn(mirror, merge)) ?? busy(merge, pushed.reason);
  }
}

const refOf = ({ branch }: Merge): string => `refs/heads/${branch}`;

/** What the branch's being elsewhere means, if it is: merged already, moved by others, or gone. */
async function movedOn(mirror: Mirror, merge: Merge): Promise<MergeOutcome | undefined> {
  const head = (await positions(mirror, [refOf(merge)])).get(refOf(merge));
  if (head === undefined) return { outcome: 'refused', reason: `the branch "${merge.branch}" is gone` };
  if (head === merge.base) return undefined;
  await resolve(mirror, [head, merge.base]);
  const commit = await mergedAs(mirror, `${merge.base}..${head}`, merge);
  if (commit === undefined) return { outcome: 'moved', head };
  const base = (await mirror.ask(['rev-parse', '--verify', `${commit}^1`])).trim();
  return { outcome: 'merged', commit, base };
}

/** The merge of this candidate, by whichever attempt or run it was made: a candidate is merged once. */
async function mergedAs(mirror: Mirror, commits: string, { key, candidate }: Merge): Promise<string | undefined> {
  return (await findKey(mirror, commits, key)) ?? (await findMergeOf(mirror, commits, candidate));
}

async function mergeCommit(mirror: Mirror, merge: Merge, signingKey?: string): Promise<string> {
  const { base, candidate, tree, at } = merge;
  await resolve(mirror, [base, candidate]);
  // A tree that another worker merged is in no commit yet; the same two commits make the same one here.
  if ((await resolveIfThere(mirror, [tree]))[0] === undefined) await mergedTree(mirror, base, candidate);
  await resolve(mirror, [tree]);
  const message = withTrailers(merge.message, merge.key, merge.trailers);
  return writeCommitOfTree(mirror, { tree, parents: [base, candidate], message, at }, signingKey);
}

const dirty = /Working directory has|Could not update working tree|not uptodate|would be overwritten/;

const withCure = (reason: string): string =>
  dirty.test(reason)
    ? `the repository is a checkout with changes of its own: commit, stash or remove them, then merge again\n${reason}`
    : reason;

function busy({ branch }: Merge, reason: string): never {
  throw transient('RepositoryUnavailable', `the branch "${branch}" was held by another writer: ${reason}`);
}
