// The only way the base branch moves: one merge commit of exactly the proved tree, if the branch still stands where it was proved.
import { setTimeout as pause } from 'node:timers/promises';
import type { BaseBranch, MergeOutcome } from '../../activities/ports';
import { transient } from '../../domain/failures';
import { putBack } from './checkout';
import { mergedTree } from './comparing';
import { keyText, mergesIn, withTrailers } from './history';
import { positions, resolve, resolveIfThere, resolveSeen, type Mirror, type Mirrors } from './mirror';
import { oneAtATime } from './one-at-a-time';
import { push } from './pushing';
import { writeCommitOfTree } from './writing';

type Merge = Parameters<BaseBranch['merge']>[0];

// Another process may be about to move the branch, and has written its files already.
const LOOKS = 5;
const LOOK_AGAIN_MS = 1_000;

/** With a key, every merge is signed. */
export function createBaseBranch(mirrors: Mirrors, signingKey?: string): BaseBranch {
  return {
    merge: async (merge) => {
      const mirror = await mirrors(merge.repository);
      return oneAtATime(`${mirror.folder} ${refOf(merge)}`, () => mergeInto(mirror, merge, signingKey));
    },
  };
}

async function mergeInto(mirror: Mirror, merge: Merge, signingKey?: string): Promise<MergeOutcome> {
  const elsewhere = await movedOn(mirror, merge);
  if (elsewhere) return elsewhere;
  const commit = await mergeCommit(mirror, merge, signingKey);
  // An earlier attempt may have been interrupted.
  await putBack(mirror, refOf(merge), merge.tree);
  const pushed = await push(mirror, [{ ref: refOf(merge), from: merge.base, to: commit }]);
  if (pushed.outcome === 'pushed') return { outcome: 'merged', commit, base: merge.base };
  await putBack(mirror, refOf(merge), merge.tree);
  if (pushed.outcome === 'lost') return (await movedOn(mirror, merge)) ?? busy(merge, pushed.reason);
  if (!dirty.test(pushed.reason)) return { outcome: 'refused', reason: pushed.reason };
  for (let look = 0; look < LOOKS; look++) {
    await pause(LOOK_AGAIN_MS);
    const moved = await movedOn(mirror, merge);
    if (moved) return moved;
  }
  return { outcome: 'refused', reason: `${CURE}\n${pushed.reason}` };
}

const refOf = ({ branch }: Merge): string => `refs/heads/${branch}`;

/** What the branch's being elsewhere means, if it is: merged already, moved by others, or gone. */
async function movedOn(mirror: Mirror, merge: Merge): Promise<MergeOutcome | undefined> {
  const head = (await positions(mirror, [refOf(merge)])).get(refOf(merge));
  if (head === undefined) return { outcome: 'refused', reason: `the branch "${merge.branch}" is gone` };
  if (head === merge.base) return undefined;
  await resolveSeen(mirror, [head]);
  await resolve(mirror, [merge.base]);
  return (await mergedBefore(mirror, merge, head)) ?? { outcome: 'moved', head };
}

/** The merge of this candidate, by whichever attempt or run it was made: a candidate is merged once, and by a gate. */
async function mergedBefore(mirror: Mirror, merge: Merge, head: string): Promise<MergeOutcome | undefined> {
  const { branch, candidate, key } = merge;
  const merges = await mergesIn(mirror, `${merge.base}..${head}`);
  const own = merges.find((found) => found.key === keyText(key)) ?? merges.find(({ theirs }) => theirs === candidate);
  if (own === undefined) return undefined;
  const { commit, ours: base } = own;
  const short = commit.slice(0, 10);
  const refused = (reason: string): MergeOutcome => ({ outcome: 'refused', reason });
  if (own.theirs !== candidate)
    return refused(
      `${key.milestone} is merged already, as ${short}, with another candidate. Revert that in ${branch}, or abandon this`,
    );
  const [tree] = await resolve(mirror, [`${commit}^{tree}`]);
  if (own.key === undefined || tree !== (await mergedTree(mirror, base, candidate)).tree)
    return refused(
      `${branch} holds this candidate since ${short}, which the gate has not made: nobody has judged what is in it. ` +
        `Revert it in ${branch}, or abandon this`,
    );
  return { outcome: 'merged', commit, base };
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

const dirty =
  /Up-to-date check failed|Working directory has|Could not update working tree|not uptodate|would be overwritten/;

const CURE = 'the repository is a checkout with changes of its own: commit, stash or remove them, then merge again';

function busy({ branch }: Merge, reason: string): never {
  throw transient('RepositoryUnavailable', `the branch "${branch}" was held by another writer: ${reason}`);
}
