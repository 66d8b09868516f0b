// Checkpoints of a call's finished turns, one file each in a temporary ref, until the ledger has the call's outcome.
import { createHash } from 'node:crypto';
import type { Attempt, TreeEntry } from '../../activities/ports';
import { transient } from '../../domain/failures';
import { effectOf, ledgerRef, type EffectKey } from '../../domain/names';
import { ATTEMPT, commitAt, findKey, keyText, withTrailers, type Trailer } from './history';
import { advertised, positions, resolveIfThere, resolveSeen, type Mirror } from './mirror';
import { blobs, entriesOf } from './objects';
import { assertPushed, push } from './pushing';
import { writeCommit } from './writing';

const TURNS = 'refs/millwright-turns/';
const ATTEMPTS = 20;
// Turns are made again from nothing but the same input: their commits carry no time of their own.
const NO_TIME = '1970-01-01T00:00:00Z';

/** One component for iteration, part and run, so that no ref's name is a folder of another's. */
export function turnsRef({ project, milestone, runId, stage, iteration, part }: EffectKey): string {
  const last = [iteration, ...(part === undefined ? [] : [component(part)]), digest(runId)];
  return `${TURNS}${project}/${milestone}/${component(stage)}/${last.join('-')}`;
}

const component = (name: string): string => (/^[a-z0-9][a-z0-9-]{0,60}$/.test(name) ? name : digest(name));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);

/** And where the ledger stood just then. */
type Saved = { tip?: string; tree?: string; files: readonly TreeEntry[]; given?: number; ledger?: string };

export async function savedTurns(mirror: Mirror, key: EffectKey): Promise<string[]> {
  return contentsOf(mirror, await saved(mirror, key));
}

const contentsOf = async (mirror: Mirror, { files }: Saved): Promise<string[]> => {
  const shas = files.map(({ sha }) => sha);
  return (await blobs(mirror, shas)).map((content) => content.toString());
};

async function saved(mirror: Mirror, key: EffectKey): Promise<Saved> {
  const [turns, entries] = [turnsRef(key), ledgerRef(key)];
  const now = await positions(mirror, [turns, entries]);
  const [tip, ledger] = [now.get(turns), now.get(entries)];
  if (tip === undefined) return { files: [], ledger };
  const [tree] = await resolveSeen(mirror, [`${tip}^{tree}`]);
  const last = await commitAt(mirror, tip);
  if (last.key !== keyText(key)) return { tip, files: [] }; // it is none of ours
  return {
    tip,
    tree,
    ledger,
    files: await entriesOf(mirror, tree!),
    ...(last.given !== undefined && { given: last.given }),
  };
}

/** The first attempt has nobody to shut out; a later one says so in the ref, and whoever comes with an older one sees it there. */
export async function takeOverTurns(mirror: Mirror, key: EffectKey, attempt: Attempt): Promise<string[]> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const before = await saved(mirror, key);
    assertNotLater(before.given, attempt);
    const alone = attempt.number === 1 && before.tip === undefined;
    if (alone || before.given === attempt.given || (await written(mirror, key, before, { attempt })))
      return contentsOf(mirror, before);
  }
  throw transient('RepositoryUnavailable', 'the turns could not be taken over: other writers came first');
}

type Turn = { turn: number; content: string; attempt?: Attempt };

/** Turns count from 0. The first to save a turn has it; who comes with another one, or out of order, changes nothing and is told. */
export async function saveTurn(mirror: Mirror, key: EffectKey, { turn, content, attempt }: Turn): Promise<void> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const before = await saved(mirror, key);
    assertNotLater(before.given, attempt);
    if (before.files.length !== turn) return assertSame(mirror, before, turn, content);
    if (before.tip === undefined && attempt !== undefined) await assertNotDone(mirror, before, key, attempt);
    if (await written(mirror, key, before, { content, attempt })) return assertHeld(mirror, before, key, attempt);
  }
  throw overtaken(turn, 'other writers came first');
}

/** Where there is nothing, either nothing has been there yet, or all has been taken away with the entry. */
async function assertNotDone(mirror: Mirror, { ledger }: Saved, key: EffectKey, { number }: Attempt): Promise<void> {
  if (ledger === undefined) return;
  await resolveSeen(mirror, [ledger]);
  if ((await findKey(mirror, ledger, key)) === undefined) return;
  throw staleAttempt(`attempt ${number} was taken for dead, and its work is done`);
}

/** What a push demands of a ref that it does not move counts from when it began: it may have been on its way for long. */
async function assertHeld(mirror: Mirror, { tip }: Saved, key: EffectKey, attempt: Attempt | undefined): Promise<void> {
  if (tip !== undefined || attempt === undefined) return;
  const now = await saved(mirror, key);
  await assertNotDone(mirror, now, key, attempt).catch(async (error: unknown) => {
    await dropTurns(mirror, key, attempt);
    throw error;
  });
}

/** Whose turns there are, as their last commits say. */
export async function unfinished(mirror: Mirror): Promise<EffectKey[]> {
  const tips = [...(await advertised(mirror, [`${TURNS}*`])).values()];
  // Something else may have been pushed there, which is nobody's turns.
  const commits = tips.map((tip) => `${tip}^{commit}`);
  const there = (await resolveIfThere(mirror, commits)).filter((tip) => tip !== undefined);
  const last = await Promise.all(there.map((tip) => commitAt(mirror, tip)));
  return last.flatMap(({ key }) => (key === undefined ? [] : [effectOf(key)]));
}

/** A later attempt's are wanted: they stay. */
export async function dropTurns(mirror: Mirror, key: EffectKey, attempt?: Attempt): Promise<void> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const { tip, tree, given } = await saved(mirror, key);
    if (tip === undefined || tree === undefined) return;
    if (attempt !== undefined && given !== undefined && given > attempt.given) return;
    const pushed = await push(mirror, [{ ref: turnsRef(key), from: tip, to: undefined }]);
    if (pushed.outcome === 'pushed') return;
    if (pushed.outcome === 'refused') assertPushed(pushed, 'the removal of turns', mirror);
  }
  throw transient('RepositoryUnavailable', 'the turns could not be removed: other writers came first');
}

/** Whether a later attempt than this one has taken over. */
export async function assertNotTakenOver(mirror: Mirror, tip: string, key: EffectKey, attempt?: Attempt) {
  await resolveSeen(mirror, [tip]);
  const last = await commitAt(mirror, tip);
  if (last.key === keyText(key)) assertNotLater(last.given, attempt);
}

function assertNotLater(given: number | undefined, attempt: Attempt | undefined): void {
  if (given === undefined || attempt === undefined || given <= attempt.given) return;
  throw staleAttempt(`attempt ${attempt.number} was taken for dead, and another one has taken over`);
}

const staleAttempt = (reason: string) => transient('StaleAttempt', `${reason}: it writes nothing any more`);

async function written(
  mirror: Mirror,
  key: EffectKey,
  { tip, tree, files, ledger }: Saved,
  { content, attempt }: { content?: string; attempt?: Attempt },
): Promise<boolean> {
  const trailers: Trailer[] = attempt === undefined ? [] : [[ATTEMPT, `${attempt.given}`]];
  const path = `turn-${String(files.length).padStart(6, '0')}`;
  const to = await writeCommit(mirror, {
    tree,
    parents: tip === undefined ? [] : [tip],
    changes: content === undefined ? [] : [{ path, content }],
    message: withTrailers(content === undefined ? 'Taken over' : `Turn ${files.length}`, key, trailers),
    at: NO_TIME,
  });
  // Where the ledger has moved on meanwhile, there may be an entry by now that took the turns away.
  const standing = tip === undefined && ledger !== undefined ? [{ ref: ledgerRef(key), from: ledger, to: ledger }] : [];
  if (standing.length > 0) await resolveSeen(mirror, [ledger!]);
  const pushed = await push(mirror, [{ ref: turnsRef(key), from: tip, to }, ...standing]);
  if (pushed.outcome === 'refused') assertPushed(pushed, 'a turn', mirror);
  return pushed.outcome === 'pushed';
}

async function assertSame(mirror: Mirror, { files }: Saved, turn: number, content: string): Promise<void> {
  const there = files[turn];
  if (there === undefined) throw overtaken(turn, `${files.length} are saved`);
  const [before] = await blobs(mirror, [there.sha]);
  if (before!.toString() !== Buffer.from(content).toString()) throw overtaken(turn, 'another worker has saved it');
}

const overtaken = (turn: number, reason: string) =>
  transient('StaleAttempt', `turn ${turn} could not be saved: ${reason}`);
