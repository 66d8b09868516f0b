// The audit trail of a milestone: plain files on a ref of its own, one commit an effect, found again by the effect's key.
import type { Ledger, LedgerEntry } from '../../activities/ports';
import { permanent, transient } from '../../domain/failures';
import { ledgerRef, type EffectKey, type Place } from '../../domain/names';
import { allowedChanges } from './changes';
import { findKey, history, withTrailers } from './history';
import { positions, resolve, resolveIfThere, resolveSeen, type Mirror, type Mirrors } from './mirror';
import { blobs, entriesAt, isFile, isPlain } from './objects';
import { oneAtATime } from './one-at-a-time';
import { assertPushed, push } from './pushing';
import { assertNotTakenOver, dropTurns, savedTurns, saveTurn, takeOverTurns, turnsRef, unfinished } from './turns';
import { writeCommit } from './writing';

// Within a process writers of one ledger queue, so this many lost races mean that many other processes wrote.
const ATTEMPTS = 20;

type Entry = Parameters<Ledger['append']>[0];

export function createLedger(mirrors: Mirrors): Ledger {
  return {
    find: async (repository, key) => {
      const mirror = await mirrors(repository);
      return findIn(mirror, await tipOf(mirror, key), key);
    },
    append: async (entry) => {
      const mirror = await mirrors(entry.repository);
      return oneAtATime(`${mirror.folder} ${ledgerRef(entry.key)}`, () => append(mirror, entry));
    },
    read: async (repository, { commit, path }) => readFile(await mirrors(repository), commit, path),
    entries: async (repository, place) => (await entriesOfEach(await mirrors(repository), [place]))[0]!,
    entriesOfEach: async (repository, places) => entriesOfEach(await mirrors(repository), places),
    saveTurn: async (repository, key, turn, content, attempt) =>
      saveTurn(await mirrors(repository), key, { turn, content, attempt }),
    turns: async (repository, key) => savedTurns(await mirrors(repository), key),
    takeOver: async (repository, key, attempt) => takeOverTurns(await mirrors(repository), key, attempt),
    unfinished: async (repository) => unfinished(await mirrors(repository)),
    dropTurns: async (repository, key, attempt) => dropTurns(await mirrors(repository), key, attempt),
  };
}

const tipOf = async (mirror: Mirror, place: Place): Promise<string | undefined> =>
  (await positions(mirror, [ledgerRef(place)])).get(ledgerRef(place));

async function findIn(mirror: Mirror, tip: string | undefined, key: EffectKey): Promise<string | undefined> {
  if (tip === undefined) return undefined;
  await resolveSeen(mirror, [tip]);
  return findKey(mirror, tip, key);
}

async function append(mirror: Mirror, entry: Entry): Promise<string> {
  const { turnsOf = entry.key } = entry;
  const [ledger, turns] = [ledgerRef(entry.key), turnsRef(turnsOf)];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const now = await positions(mirror, [ledger, turns]);
    const tip = now.get(ledger);
    const left = now.get(turns);
    const done = await findIn(mirror, tip, entry.key);
    if (done !== undefined) {
      if (left !== undefined) await dropTurns(mirror, turnsOf, entry.attempt);
      return done;
    }
    if (left !== undefined) await assertNotTakenOver(mirror, left, turnsOf, entry.attempt);
    const commit = await written(mirror, tip ?? (await beginning(mirror, entry)), entry);
    const removal = left === undefined ? [] : [{ ref: turns, from: left, to: undefined }];
    const pushed = await push(mirror, [{ ref: ledger, from: tip, to: commit }, ...removal]);
    if (pushed.outcome === 'pushed') return commit;
    if (pushed.outcome === 'refused') assertPushed(pushed, 'an entry of the ledger', mirror);
  }
  throw transient('RepositoryUnavailable', `${ledger}: ${ATTEMPTS} times another writer came first`);
}

async function written(mirror: Mirror, tip: string, entry: Entry): Promise<string> {
  const { key, files, adds = [], message, at, keeps = [] } = entry;
  const [tree] = await resolve(mirror, [`${tip}^{tree}`, ...keeps]);
  const longer = await Promise.all(
    adds.map(async ({ path, content }) => ({
      path,
      content: `${(await textIn(mirror, tree!, path)) ?? ''}${content}`,
    })),
  );
  return writeCommit(mirror, {
    tree,
    parents: [tip, ...keeps],
    changes: await allowedChanges(mirror, tree!, [...files, ...longer]),
    message: withTrailers(message, key),
    at,
  });
}

// An empty commit lies under the first entry: its first parent must be the ledger's, never a commit that it keeps.
const beginning = (mirror: Mirror, { key, at }: Entry): Promise<string> =>
  writeCommit(mirror, { parents: [], changes: [], message: `The ledger of ${key.project}/${key.milestone}`, at });

async function entriesOfEach(mirror: Mirror, places: readonly Place[]): Promise<LedgerEntry[][]> {
  const refs = places.map(ledgerRef);
  const tips = await positions(mirror, refs);
  await resolveSeen(mirror, [...tips.values()]);
  return Promise.all(
    refs.map(async (ref) => (tips.has(ref) ? (await history(mirror, tips.get(ref)!)).reverse().slice(1) : [])),
  );
}

async function readFile(mirror: Mirror, commit: string, path: string): Promise<string> {
  const [tree] = await resolveIfThere(mirror, [`${commit}^{tree}`]);
  const text = tree === undefined ? undefined : await textIn(mirror, tree, path);
  if (text === undefined) throw permanent('LedgerUnreadable', `${path} at ${commit} is not in the ledger`);
  return text;
}

async function textIn(mirror: Mirror, tree: string, path: string): Promise<string | undefined> {
  const found = isPlain(path) ? await entriesAt(mirror, tree, [path]) : [];
  const file = found.find((entry) => entry.path === path && isFile(entry));
  return file === undefined ? undefined : (await blobs(mirror, [file.sha]))[0]!.toString();
}
