import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path, { join } from 'node:path';
import type { EffectKey } from '../../../src/domain/names';
import { AT, bare, commit, fresh, git, hook, key, place, sound, tip, worker } from './ground';

const ref = 'refs/millwright/shop/m1';

const entry = (repository: string, over: Partial<EffectKey> = {}, content = 'said\n') => ({
  ...{ repository, key: key(over), message: 'Implement the login', at: AT },
  files: [{ path: `${over.stage ?? 'implement'}/${over.iteration ?? 1}/change.md`, content }],
});

test('an entry is found by its key, listed in order, and read back by any worker', async () => {
  const repository = bare();
  const { ledger } = worker();
  const first = await ledger.append(entry(repository));
  const second = await ledger.append(entry(repository, { iteration: 2 }));
  const other = worker().ledger;
  expect(await other.find(repository, key())).toBe(first);
  expect(await other.find(repository, key({ iteration: 3 }))).toBeUndefined();
  expect(await other.entries(repository, place)).toEqual([
    { commit: first, message: 'Implement the login', at: '2026-01-02T03:04:05.000Z', key: 'run-1/shop/m1/implement/1' },
    {
      commit: second,
      message: 'Implement the login',
      at: '2026-01-02T03:04:05.000Z',
      key: 'run-1/shop/m1/implement/2',
    },
  ]);
  expect(await other.read(repository, { commit: second, path: 'implement/1/change.md' })).toBe('said\n');
  expect(sound(repository)).toBe('');
});

test('the entries of many ledgers are read with one look at the repository', async () => {
  const repository = bare();
  const { ledger } = worker();
  const places = Array.from({ length: 40 }, (_, at) => ({ ...place, milestone: `m${at + 1}` }));
  const first = await ledger.append(entry(repository));
  const third = await ledger.append(entry(repository, { milestone: 'm3' }));
  const looks = await started(async () => {
    const found = await worker().ledger.entriesOfEach(repository, places);
    expect(found.map((entries) => entries.map(({ commit }) => commit))).toEqual([
      [first],
      [],
      [third],
      ...places.slice(3).map(() => []),
    ]);
  });
  // Beside the look: the operator's configuration, and a new mirror, filled once, that one process reads.
  expect(looks.sort()).toEqual(['cat-file', 'config', 'fetch', 'init', 'ls-remote']);
});

/** The commands of git that were begun meanwhile, in this process. */
async function started(meanwhile: () => Promise<void>): Promise<string[]> {
  const folder = fresh('watched');
  mkdirSync(folder);
  const [log, path] = [join(folder, 'log'), process.env.PATH];
  const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
  writeFileSync(log, '');
  // What git itself begins looks it up in the same place, and is not counted.
  const count = `[ -n "$WATCHED" ] || printf '%s\\n' "$*" >>'${log}'\nWATCHED=1 exec '${real}' "$@"`;
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${count}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
  try {
    await meanwhile();
  } finally {
    process.env.PATH = path;
  }
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => line.replace(/^(-c \S+ )*/, '').split(' ')[0]!);
}

test('appending twice is appending once, from the same worker or another', async () => {
  const repository = bare();
  const { ledger } = worker();
  const first = await ledger.append(entry(repository));
  await ledger.append(entry(repository, { stage: 'tests' }));
  expect(await ledger.append(entry(repository, {}, 'said otherwise\n'))).toBe(first);
  expect(await worker().ledger.append(entry(repository))).toBe(first);
  expect(await ledger.entries(repository, place)).toHaveLength(2);
});

test('the same call from many workers at once leaves one entry, and all are told which', async () => {
  const repository = bare();
  const appended = await Promise.all([1, 2, 3, 4].map(() => worker().ledger.append(entry(repository))));
  expect(new Set(appended).size).toBe(1);
  expect(await worker().ledger.entries(repository, place)).toHaveLength(1);
});

test('writers at once lose nothing', async () => {
  const repository = bare();
  const workers = [worker(), worker(), worker()];
  const iterations = Array.from({ length: 12 }, (_, number) => number + 1);
  const appended = await Promise.all(
    iterations.map((iteration) => workers[iteration % 3]!.ledger.append(entry(repository, { iteration }))),
  );
  const entries = await worker().ledger.entries(repository, place);
  expect(new Set(entries.map(({ commit }) => commit))).toEqual(new Set(appended));
  expect(entries).toHaveLength(12);
  for (const iteration of iterations)
    expect(git(repository, 'show', `${ref}:implement/${iteration}/change.md`)).toBe('said');
});

test('a key that is the beginning of another, or is quoted in a message, is not taken for it', async () => {
  const repository = bare();
  const { ledger } = worker();
  const twelve = await ledger.append({
    ...entry(repository, { iteration: 12 }),
    message: 'Quote\n\nMillwright-Key: run-1/shop/m1/implement/2',
  });
  expect(await ledger.find(repository, key({ iteration: 1 }))).toBeUndefined();
  expect(await ledger.find(repository, key({ iteration: 2 }))).toBeUndefined();
  expect(await ledger.find(repository, key({ iteration: 12 }))).toBe(twelve);
  expect(await ledger.find(repository, key({ iteration: 12, runId: 'run-2' }))).toBeUndefined();
  await expect(ledger.find(repository, key({ part: 'a\nMillwright-Key: b' }))).rejects.toMatchObject({
    type: 'InvalidInput',
  });
});

test('source commits that an entry keeps are reachable by others, and are no entries', async () => {
  const repository = bare();
  const one = worker();
  const kept = await commit(one, repository, tip(repository), [{ path: 'a.txt', content: 'kept\n' }]);
  const appended = await one.ledger.append({ ...entry(repository), keeps: [kept] });
  expect(git(repository, 'log', '-1', '--format=%P', appended).split(' ')[1]).toBe(kept);
  const two = worker();
  expect(await two.trees.read(repository, kept, ['a.txt'])).toEqual(new Map([['a.txt', 'kept\n']]));
  expect(await two.ledger.entries(repository, place)).toHaveLength(1);
  expect(sound(repository)).toBe('');
});

test('what is not in the ledger is unreadable for good', async () => {
  const repository = bare();
  const { ledger } = worker();
  const appended = await ledger.append(entry(repository));
  for (const missing of [
    { commit: appended, path: 'nope.md' },
    { commit: appended, path: '../x' },
    { commit: '1'.repeat(40), path: 'implement/1/change.md' },
  ])
    await expect(ledger.read(repository, missing)).rejects.toMatchObject({
      type: 'LedgerUnreadable',
      nonRetryable: true,
    });
});

test('a ledger that nobody began is empty', async () => {
  const repository = bare();
  const { ledger } = worker();
  expect(await ledger.entries(repository, place)).toEqual([]);
  expect(await ledger.find(repository, key())).toBeUndefined();
  expect(await ledger.turns(repository, key())).toEqual([]);
});

test('a path that the policy refuses does not get into the ledger', async () => {
  const repository = bare();
  const appending = worker().ledger.append({ ...entry(repository), files: [{ path: '../x', content: '' }] });
  await expect(appending).rejects.toMatchObject({ type: 'InvalidInput' });
  expect(git(repository, 'for-each-ref', ref)).toBe('');
});

test('a repository that refuses the ledger is quoted', async () => {
  const repository = bare();
  hook(repository, 'pre-receive', 'echo "only branches here" >&2; exit 1');
  await expect(worker().ledger.append(entry(repository))).rejects.toMatchObject({
    type: 'RepositoryRefused',
    message: expect.stringContaining('only branches here'),
  });
});

test('a lock that another writer holds is waited for; a branch in the way of ours is a refusal', async () => {
  const repository = bare();
  const on = worker();
  await on.ledger.saveTurn(repository, key(), 0, 'a');
  const lock = path.join(repository, 'packed-refs.lock');
  writeFileSync(lock, '');
  const lost = { type: 'RepositoryUnavailable', nonRetryable: false };
  await expect(on.ledger.append(entry(repository))).rejects.toMatchObject(lost);
  rmSync(lock);
  const made = await on.ledger.append(entry(repository));
  expect(made).toBe(tip(repository, ref));

  git(repository, 'branch', 'millwright');
  const candidate = await commit(on, repository, tip(repository), [{ path: 'b.txt', content: 'b\n' }]);
  await expect(on.trees.propose(repository, place, candidate)).rejects.toMatchObject({
    type: 'RepositoryRefused',
    message: expect.stringContaining("'refs/heads/millwright' exists"),
  });
});
