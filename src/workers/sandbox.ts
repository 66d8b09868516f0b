// Serves `millwright-sandbox`: runs what models and repositories wrote. It holds no key and writes to no repository.
import { availableParallelism } from 'node:os';
import type { WorkerOptions } from '@temporalio/worker';
import { createMutantActivities } from '../activities/mutants';
import { createSandboxActivities } from '../activities/sandbox';
import { createGit } from '../adapters/git/create-git';
import { createMutantTrials } from '../adapters/mutators/mutant-trials';
import { createSandbox } from '../adapters/sandbox/sandbox';
import { createTestRunner } from '../adapters/test-runners/test-runner';
import type { Config } from './config';
import { dataConverter } from './data-converter';
import { discreetly } from './discreet';

export async function sandboxWorker({
  home,
  cache,
  scratch,
  testRuns = Math.max(1, availableParallelism()),
  unsafe,
  environment,
  encryption,
}: Config): Promise<Partial<WorkerOptions>> {
  const sandbox = createSandbox({ cache, ...(scratch && { scratch }), ...(unsafe && { unsafe }) });
  const runner = createTestRunner({ sandbox, cache });
  const { trees } = createGit({ home });
  const mutants = createMutantTrials({ sandbox, runner });
  return {
    ...dataConverter({ encryption }),
    ...discreetly(environment),
    activities: {
      ...createSandboxActivities({ trees, sandbox, runner }),
      ...createMutantActivities({ trees, sandbox, mutants }),
    },
    maxConcurrentActivityTaskExecutions: testRuns,
  };
}
