// A candidate: the same again is the same commit, it is what the branch shows, and it has the lockfile that was made for it.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCandidateActivities } from '../../src/activities/candidate';
import { candidateRef } from '../../src/domain/names';
import type { Assembly } from '../../src/domain/tasks';
import { deltaOf } from '../../src/domain/text-delta';
import { AT, bare, commit, git, key, tip, worker } from '../adapters/git/ground';

const LATER = '2026-01-02T04:00:00Z';

test('found again, it is shown again, whatever the branch shows by then', async () => {
  const repository = bare();
  const on = worker();
  const base = tip(repository);
  const { assembleCandidate } = createCandidateActivities(on);
  const assemble = async (iteration: number, content: string, at = AT) => {
    const work = await commit(on, repository, base, [{ path: 'a.txt', content }]);
    const task = { key: key({ stage: 'verify', iteration }), repository, at, base, title: 'Log in' };
    const assembled = await new MockActivityEnvironment().run(assembleCandidate, {
      ...task,
      works: [{ stage: 'implement', work }],
    });
    return (assembled as { candidate: string }).candidate;
  };
  const first = await assemble(1, 'one more\n');
  const second = await assemble(2, 'two more\n');
  expect(tip(repository, candidateRef(key()))).toBe(second);
  expect(await assemble(1, 'one more\n', LATER)).toBe(first);
  expect(tip(repository, candidateRef(key()))).toBe(first);
});

describe('a change of what npm is asked for', () => {
  const lock = (...names: string[]) => `${JSON.stringify({ lockfileVersion: 3, names }, null, 1)}\n`;
  const repository = bare({ 'package.json': '{}', 'package-lock.json': lock('a', 'b') });
  const on = worker();
  const base = tip(repository);
  const { assembleCandidate, lockCandidate } = createCandidateActivities(on);
  const assemble = async (iteration: number, changes: Record<string, string>) => {
    const files = Object.entries(changes).map(([path, content]) => ({ path, content }));
    const work = await commit(on, repository, base, files);
    const task = { key: key({ stage: 'verify', iteration }), repository, at: AT, base, title: 'Log in' };
    const works = [{ stage: 'implement', work }];
    const assembled = await new MockActivityEnvironment().run(assembleCandidate, { ...task, works });
    return { task, ...(assembled as Assembly) };
  };
  const locked = ({ task, candidate }: Awaited<ReturnType<typeof assemble>>, now: string, before = lock('a', 'b')) => {
    const change = { lockfile: 'package-lock.json', delta: deltaOf(before, now) };
    return new MockActivityEnvironment().run(lockCandidate, { ...task, candidate, lock: change }) as Promise<Assembly>;
  };

  test.each<[string, Record<string, string>, true | undefined]>([
    ['alone', { 'package.json': '{"dependencies":{}}' }, true],
    ['in a workspace', { 'packages/a/package.json': '{}' }, true],
    ['with its lockfile', { 'package.json': '{"dependencies":{"c":"1"}}', 'package-lock.json': lock('c') }, undefined],
    ['not at all', { 'src/package.json.js': '1\n' }, undefined],
  ])('%s: it is known whether a lockfile is to be made', async (what, changes, unlocked) => {
    expect((await assemble(what.length, changes)).unlocked).toBe(unlocked);
  });

  test('the one that was made is part of the candidate, which is found again, and named to those who approve', async () => {
    const assembled = await assemble(1, { 'package.json': '{"dependencies":{"c":"2"}}' });
    const one = await locked(assembled, lock('a', 'b', 'c'));
    expect(one).toMatchObject({ outcome: 'assembled', protectedPaths: ['package-lock.json', 'npm:c@2'] });
    expect(one).not.toHaveProperty('unlocked');
    expect(git(repository, 'show', `${one.candidate}:package-lock.json`)).toBe(lock('a', 'b', 'c').trim());
    expect(git(repository, 'rev-parse', `${one.candidate}^`)).toBe(base);
    expect(await locked(assembled, lock('made', 'later'))).toEqual(one);
  });

  test('one that was made for another lockfile is refused', async () => {
    const assembled = await assemble(2, { 'package.json': '{"dependencies":{"d":"2"}}' });
    const longer = lock(...'abcdefgh');
    await expect(locked(assembled, longer, longer)).rejects.toMatchObject({ type: 'InvalidInput' });
  });
});
