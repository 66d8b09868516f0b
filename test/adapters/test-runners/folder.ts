// A repository's files for a test: written into a folder of the sandbox, and run.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestRun } from '../../../src/activities/ports';
import { cacheFolder } from '../../../src/adapters/provision/cache';
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../../src/adapters/test-runners/test-runner';

export const scratch = mkdtempSync(path.join(tmpdir(), 'test-runner-test-'));
const sandbox = createSandbox({ scratch });
const runner = createTestRunner({ sandbox, cache: cacheFolder() });

export type Files = Readonly<Record<string, string>>;

export async function runTests(
  files: Files,
  options: { only?: string[]; signal?: AbortSignal } = {},
): Promise<TestRun> {
  return sandbox.withFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    return runner.run({ folder, files: Object.keys(files), coverage: true, ...options });
  });
}

/** Outcomes by id. */
export const outcomes = (run: TestRun) => Object.fromEntries(run.cases.map(({ id, outcome }) => [id, outcome]));
