// A candidate of a run that continues another is the same commit, and it is what the branch shows.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCandidateActivities } from '../../src/activities/candidate';
import { candidateRef } from '../../src/domain/names';
import { AT, bare, commit, key, tip, worker } from '../adapters/git/ground';

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
