// The target's own tests, on its base branch as it is at the end: in the sandbox, like all that models wrote.
import type { TestRun } from '../../src/activities/ports';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import type { Config } from '../../src/workers/config';
import type { Status } from '../../src/domain/status';
import { gitHere } from '../cli/repository-reading';

export const sandboxOf = ({ cache, scratch, unsafe }: Config) =>
  createSandbox({ cache, ...(scratch && { scratch }), ...(unsafe && { unsafe }) });

export type OwnTests = { passed: number; total: number; green: boolean; trouble?: string; ms: number };

export async function runOwnTests({ repository, branch }: Status, config: Config): Promise<OwnTests> {
  const { trees } = gitHere();
  const sandbox = sandboxOf(config);
  const run = await sandbox.withFolder(async (folder) => {
    const head = (await trees.head(repository, branch))!;
    await trees.extract(repository, head, folder);
    const files = (await trees.list(repository, head)).map(({ path }) => path);
    return createTestRunner({ sandbox, cache: config.cache }).run({ folder, files, coverage: false });
  });
  return counted(run);
}

function counted({ cases, complete, unloadable, trouble, ms }: TestRun): OwnTests {
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length;
  const failed = cases.filter(({ outcome }) => outcome === 'failed').length + unloadable.length;
  const green = complete && failed === 0 && passed > 0;
  return { passed, total: cases.length, green, ms, ...(trouble !== undefined && { trouble }) };
}
