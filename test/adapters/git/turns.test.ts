import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createGit } from '../../../src/adapters/git/create-git';
import type { Attempt } from '../../../src/activities/ports';
import { AT, bare, fresh, git, hook, key, overtakenAt, place, sound, tip, worker } from './ground';

const ENTRIES = 'refs/millwright/shop/m1';

/** The entry of a call that is all but done: its ledger does not stand there yet. */
async function soonDone(repository: string, attempt?: Attempt): Promise<string> {
  const { ledger } = worker();
  const entry = { repository, files: [], at: AT };
  const before = await ledger.append({ ...entry, key: key({ stage: 'begin' }), message: 'Begin' });
  const done = await ledger.append({ ...entry, key: key(), message: 'Done', ...(attempt && { attempt }) });
  git(repository, 'update-ref', ENTRIES, before);
  return done;
}

const turnRefs = (repository: string): string => git(repository, 'for-each-ref', 'refs/millwright-turns');

test('finished turns are there for the next worker, in order', async () => {
  const repository = bare();
  const { ledger } = worker();
  for (const turn of [0, 1, 2]) await ledger.saveTurn(repository, key(), turn, `turn ${turn} é\n`);
  expect(await worker().ledger.turns(repository, key())).toEqual(['turn 0 é\n', 'turn 1 é\n', 'turn 2 é\n']);
  expect(sound(repository)).toBe('');
});

test('saving a turn twice is saving it once', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  await ledger.saveTurn(repository, key(), 1, 'b');
  await ledger.saveTurn(repository, key(), 0, 'a');
  await worker().ledger.saveTurn(repository, key(), 1, 'b');
  await Promise.all([worker(), worker()].map((on) => on.ledger.saveTurn(repository, key(), 2, 'c')));
  expect(await ledger.turns(repository, key())).toEqual(['a', 'b', 'c']);
});

test('a stale writer of turns changes nothing, and is told', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  await ledger.saveTurn(repository, key(), 1, 'b');
  const stale = worker().ledger;
  await expect(stale.saveTurn(repository, key(), 1, 'other')).rejects.toMatchObject({ nonRetryable: false });
  await expect(stale.saveTurn(repository, key(), 3, 'd')).rejects.toMatchObject({ nonRetryable: false });
  expect(await ledger.turns(repository, key())).toEqual(['a', 'b']);
});

test('of two workers at the same turn one is told that it was overtaken', async () => {
  const repository = bare();
  const both = await Promise.allSettled(
    ['x', 'y'].map((content) => worker().ledger.saveTurn(repository, key(), 0, content)),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await worker().ledger.turns(repository, key())).toEqual([both[0]!.status === 'fulfilled' ? 'x' : 'y']);
});

test('a turn that is saved between the look and the push is not overwritten', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  const ref = turnRefs(repository).split(/\s/).at(-1)!;
  const before = tip(repository, ref);
  await ledger.saveTurn(repository, key(), 1, 'theirs');
  const race = `-C ${repository} update-ref ${ref} ${tip(repository, ref)}`;
  git(repository, 'update-ref', ref, before);
  const saving = overtakenAt('push', race, () => worker().ledger.saveTurn(repository, key(), 1, 'mine'));
  await expect(saving).rejects.toThrow('another worker has saved it');
  expect(await ledger.turns(repository, key())).toEqual(['a', 'theirs']);
});

test('runs at the same place keep their turns apart, also where one ends while the other is at work', async () => {
  const repository = bare();
  const { ledger } = worker();
  const [first, second] = [key(), key({ runId: 'run-2' })];
  for (const turn of [0, 1])
    for (const one of [first, second]) await ledger.saveTurn(repository, one, turn, `${one.runId} ${turn}`);
  expect(await ledger.turns(repository, first)).toEqual(['run-1 0', 'run-1 1']);
  await worker().ledger.append({ repository, key: first, files: [], message: 'Done', at: AT });
  expect(await ledger.turns(repository, first)).toEqual([]);
  expect(await ledger.turns(repository, second)).toEqual(['run-2 0', 'run-2 1']);
});

test('an entry under a key of its own takes the place of the turns that it names', async () => {
  const repository = bare();
  const { ledger } = worker();
  const session = key({ runId: 'session' });
  await ledger.saveTurn(repository, session, 0, 'a');
  const entry = { repository, key: key(), files: [], message: 'No answer', at: AT };
  await ledger.append({ ...entry, turnsOf: session });
  expect(turnRefs(repository)).toBe('');
});

test('whoever takes over turns that are removed in that moment is told to try again, and finds what was done', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  const turns = turnRefs(repository).split(/\s/).at(-1)!;
  const removed = `-C ${repository} update-ref -d ${turns}`;
  git(repository, 'config', 'uploadpack.allowAnySHA1InWant', 'false');
  const taking = overtakenAt('fetch', removed, () =>
    worker().ledger.takeOver(repository, key(), { number: 2, given: 17_000 }),
  );
  await expect(taking).rejects.toMatchObject({ nonRetryable: false });
  const listing = overtakenAt('fetch', removed, () => worker().ledger.unfinished(repository));
  await expect(listing).resolves.toEqual([]);
});

test('a stage and its parts keep their turns apart, whatever the parts are called', async () => {
  const repository = bare();
  const { ledger } = worker();
  const parts = [undefined, 'api', 'API routes', '..', 'a.lock'];
  for (const part of parts) await ledger.saveTurn(repository, key({ part }), 0, `${part}`);
  const saved = await Promise.all(parts.map((part) => ledger.turns(repository, key({ part }))));
  expect(saved).toEqual(parts.map((part) => [`${part}`]));
});

test('the entry of the ledger takes the place of the turns in one step', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  await ledger.saveTurn(repository, key({ part: 'api' }), 0, 'b');
  await worker().ledger.append({ repository, key: key(), files: [], message: 'Done', at: AT });
  expect(await ledger.turns(repository, key())).toEqual([]);
  expect(await ledger.turns(repository, key({ part: 'api' }))).toEqual(['b']);
  await expect(ledger.saveTurn(repository, key(), 1, 'late')).rejects.toThrow('0 are saved');
  expect(turnRefs(repository).split('\n')).toHaveLength(1);
  expect(await ledger.entries(repository, place)).toHaveLength(1);
});

test('where the turns cannot go, the entry does not come either', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  hook(repository, 'update', 'case "$1" in refs/millwright-turns/*) exit 1;; esac');
  const appending = ledger.append({ repository, key: key(), files: [], message: 'Done', at: AT });
  await expect(appending).rejects.toMatchObject({ type: 'RepositoryRefused' });
  expect(await ledger.entries(repository, place)).toEqual([]);
  expect(await ledger.turns(repository, key())).toEqual(['a']);
});

describe('an attempt that was taken for dead', () => {
  const first = { number: 1, given: 1_000 };
  const second = { number: 2, given: 17_000 };
  const stale = { type: 'StaleAttempt', nonRetryable: false };
  const append = (on: ReturnType<typeof worker>, repository: string, attempt: typeof first, message: string) =>
    on.ledger.append({ repository, key: key(), files: [], message, at: AT, attempt });

  test('saves no turn once another one has taken over its turns', async () => {
    const repository = bare();
    const frozen = worker().ledger;
    expect(await frozen.takeOver(repository, key(), first)).toEqual([]);
    await frozen.saveTurn(repository, key(), 0, 'a', first);
    const heir = worker().ledger;
    expect(await heir.takeOver(repository, key(), second)).toEqual(['a']);
    await expect(frozen.saveTurn(repository, key(), 1, 'late', first)).rejects.toMatchObject(stale);
    await heir.saveTurn(repository, key(), 1, 'b', second);
    await expect(frozen.saveTurn(repository, key(), 1, 'b', first)).rejects.toMatchObject(stale);
    expect(await heir.turns(repository, key())).toEqual(['a', 'b']);
  });

  test('adds no entry, neither before the other one has added its own nor after', async () => {
    const repository = bare();
    const frozen = worker();
    await frozen.ledger.saveTurn(repository, key(), 0, 'a', first);
    const heir = worker();
    await heir.ledger.takeOver(repository, key(), second);
    await expect(append(frozen, repository, first, 'late')).rejects.toMatchObject(stale);
    expect(await heir.ledger.entries(repository, place)).toEqual([]);
    const done = await append(heir, repository, second, 'Done');
    expect(await append(frozen, repository, first, 'late')).toBe(done);
    expect((await heir.ledger.entries(repository, place)).map(({ message }) => message)).toEqual(['Done']);
  });

  test('does not begin its turns anew when all is done, and leaves no ref behind', async () => {
    const repository = bare();
    const heir = worker().ledger;
    await heir.takeOver(repository, key(), second);
    await heir.saveTurn(repository, key(), 0, 'a', second);
    await append({ ...worker(), ledger: heir }, repository, second, 'Done');
    await expect(worker().ledger.saveTurn(repository, key(), 0, 'late', first)).rejects.toMatchObject(stale);
    expect(turnRefs(repository)).toBe('');
  });

  test('does not begin its turns anew when all was done between its look and its push', async () => {
    const repository = bare();
    const done = await soonDone(repository, second);
    const race = `-C ${repository} update-ref ${ENTRIES} ${done}`;
    const saving = overtakenAt('push', race, () => worker().ledger.saveTurn(repository, key(), 0, 'late', first));
    await expect(saving).rejects.toMatchObject(stale);
    expect(turnRefs(repository)).toBe('');
  });

  test('of a place that another run has used before shuts nobody out', async () => {
    const repository = bare();
    const { ledger } = worker();
    await ledger.takeOver(repository, key({ runId: 'run-0' }), { number: 2, given: 99_000 });
    await ledger.saveTurn(repository, key(), 0, 'a', first);
    expect(await ledger.turns(repository, key())).toEqual(['a']);
  });

  test('gets no turns to go on with, and an attempt that was given out later still does', async () => {
    const repository = bare();
    const { ledger } = worker();
    await ledger.takeOver(repository, key(), second);
    await expect(ledger.takeOver(repository, key(), first)).rejects.toMatchObject(stale);
    expect(await ledger.takeOver(repository, key(), { number: 1, given: 50_000 })).toEqual([]);
  });
});

test('turns that nobody waits for are named, and can be removed, once or twice', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  await ledger.saveTurn(repository, key({ stage: 'specify' }), 0, 'b');
  const other = worker().ledger;
  expect(await other.unfinished(repository)).toEqual([key(), key({ stage: 'specify' })]);
  await other.dropTurns(repository, key());
  await other.dropTurns(repository, key());
  expect(await other.unfinished(repository)).toEqual([key({ stage: 'specify' })]);
});

test('the turns of another run at the same place, and those that a later attempt has taken over, are not removed', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  await ledger.dropTurns(repository, key({ runId: 'run-2' }));
  await ledger.takeOver(repository, key(), { number: 2, given: 2_000 });
  await worker().ledger.dropTurns(repository, key(), { number: 1, given: 1_000 });
  expect(await ledger.turns(repository, key())).toEqual(['a']);
  await worker().ledger.dropTurns(repository, key(), { number: 2, given: 2_000 });
  expect(turnRefs(repository)).toBe('');
});

test('turns go away although another writer is in the way for a while', async () => {
  const repository = bare();
  const { ledger } = worker();
  await ledger.saveTurn(repository, key(), 0, 'a');
  git(repository, 'pack-refs', '--all');
  const lock = path.join(repository, 'packed-refs.lock');
  writeFileSync(lock, '');
  const removing = worker().ledger.dropTurns(repository, key());
  setTimeout(() => rmSync(lock), 4_000);
  await removing;
  expect(turnRefs(repository)).toBe('');
});

test('a turn that was on its way while all was done is taken back, and its writer is told', async () => {
  const repository = bare();
  const done = await soonDone(repository);
  // The other side has begun to take it in, and looks at no ref any more that is not to be moved.
  hook(repository, 'pre-receive', `echo ${done} > ${ENTRIES}`);
  const saving = worker().ledger.saveTurn(repository, key(), 0, 'late', { number: 1, given: 1_000 });
  await expect(saving).rejects.toMatchObject({ type: 'StaleAttempt' });
  expect(turnRefs(repository)).toBe('');
});

test('a repository that could not take in what was sent has not refused it', async () => {
  const home = fresh('home');
  const repository = bare();
  const { ledger } = createGit({ home });
  await ledger.append({ repository, key: key({ stage: 'begin' }), files: [], message: 'Begin', at: AT });
  const [mirror] = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('/HEAD'));
  const objects = path.join(home, path.dirname(mirror!), 'objects');
  // What was written here is lost before it is sent.
  const loses = `-c alias.lose='!rm -rf ${objects}/[0-9a-f][0-9a-f] ${objects}/pack' lose`;
  const saving = overtakenAt('push', loses, () => ledger.saveTurn(repository, key(), 0, 'a'));
  await expect(saving).rejects.toMatchObject({ type: 'RepositoryUnavailable', nonRetryable: false });
});
