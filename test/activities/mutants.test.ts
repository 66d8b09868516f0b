// What trying faults in the lines of a candidate comes to: however much there is of it, no more than one payload takes.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createMutantActivities } from '../../src/activities/mutants';
import type { MutantTrials, Sandbox } from '../../src/activities/ports';
import { noSetup } from '../../src/adapters/setup/setup';
import type { MutantsTried } from '../../src/domain/tasks';
import { bare, commit, tip, worker } from '../adapters/git/ground';

const text = (at: number) => `${at} ${'…'.repeat(1_000)}`;
const many = Array.from({ length: 5_000 }, (_, at) => text(at));

test('thousands of functions, and of faults that nobody tried, are told as far as there is room, and counted', async () => {
  const [on, repository] = [worker(), bare({ 'a.js': '1\n' })];
  const base = tip(repository);
  const candidate = await commit(on, repository, base, [{ path: 'a.js', content: '2\n' }]);
  const sandbox: Partial<Sandbox> = {
    describe: async () => 'a sandbox',
    withFolder: async (use) => use('/nowhere'),
  };
  const trees = { ...on.trees, extract: async () => undefined };
  const mutants: MutantTrials = {
    run: async () => ({
      ...{ trials: [], runs: 1, untried: many, untriedCount: 5_000, unfit: many.join() },
      functions: many.map((name) => ({ file: 'a.js', name, calls: 1, arguments: 1 })),
    }),
  };
  const { tryMutants } = createMutantActivities({
    ...{ trees, mutants, setup: noSetup, dependencies: on.dependencies },
    sandbox: sandbox as Sandbox,
  });
  const task = { repository, base, candidate, threshold: 0.5, seconds: 10 };
  const tried: MutantsTried = await new MockActivityEnvironment().run(tryMutants, task);
  expect(Buffer.byteLength(JSON.stringify(tried))).toBeLessThan(256_000);
  expect(tried).toMatchObject({ untriedCount: 5_000, untried: [text(0), ...many.slice(1, 19), 'and 4981 more'] });
  expect(tried.narrow.at(-1)).toMatch(/^and 49\d\d more$/);
});
