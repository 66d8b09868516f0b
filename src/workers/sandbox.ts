// Serves `millwright-sandbox`: runs what models and repositories wrote. It holds no key and writes to no repository.
import { availableParallelism } from 'node:os';
import type { WorkerOptions } from '@temporalio/worker';
import { heardAtOnce } from '../activities/alive';
import { createMutantActivities } from '../activities/mutants';
import { createPackageActivities } from '../activities/packages';
import { createSandboxActivities } from '../activities/sandbox';
import { createGit } from '../adapters/git/create-git';
import { createMutantTrials } from '../adapters/mutators/mutant-trials';
import { providePytest } from '../adapters/provision/pytest';
import { logged } from '../adapters/sandbox/logged';
import { createPackages, noPackages } from '../adapters/registries/packages';
import { createSandbox } from '../adapters/sandbox/sandbox';
import { createLocks, noLocks } from '../adapters/setup/locking';
import { createSetup, noSetup } from '../adapters/setup/setup';
import { createTestRunner } from '../adapters/test-runners/test-runner';
import type { Config } from './config';
import { dataConverter } from './data-converter';
import { discreetly } from './discreet';

export async function sandboxWorker({
  home,
  newDependencies,
  cache,
  scratch,
  testRuns = Math.max(1, availableParallelism()),
  unsafe,
  sandboxLog,
  install,
  environment,
  encryption,
}: Config): Promise<Partial<WorkerOptions>> {
  const bare = createSandbox({ cache, ...(scratch && { scratch }), ...(unsafe && { unsafe }) });
  const sandbox = sandboxLog === undefined ? bare : logged(bare, sandboxLog);
  const runner = createTestRunner({ sandbox, cache });
  const { trees, dependencies } = createGit({ home, newDependencies });
  const mutants = createMutantTrials({ sandbox, runner, python: () => providePytest(cache) });
  const packages = install === false ? noPackages : createPackages(install.registries);
  const locks = install === false ? noLocks : createLocks({ ...install, trees, sandbox, cache });
  const setup = install === false ? noSetup : createSetup({ ...install, trees, sandbox, cache });
  return {
    ...dataConverter({ encryption }),
    ...discreetly(environment),
    ...heardAtOnce,
    activities: {
      ...createPackageActivities({ packages, locks }),
      ...createSandboxActivities({ trees, sandbox, runner, setup, dependencies }),
      ...createMutantActivities({ trees, sandbox, mutants, setup, dependencies }),
    },
    maxConcurrentActivityTaskExecutions: testRuns,
  };
}
