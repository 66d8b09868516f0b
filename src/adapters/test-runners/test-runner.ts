// Runs a repository's tests in the sandbox, with whichever runners they were written for.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Sandbox, TestRun, TestRunner } from '../../activities/ports';
import { isNamedAsTest, isTestFile } from '../../domain/paths';
import { withInstalled } from '../sandbox/installed';
import { providePytest } from '../provision/pytest';
import { runNodeTests } from './node';
import { ownSettings, runOwnCommand } from './own-command';
import { runPytest } from './pytest';
import type { RunnerResult } from './runner';

export type TestRunnerSettings = {
  sandbox: Sandbox;
  /** Where pytest is kept once it is needed. */
  cache: string;
  onProgress?: (text: string) => void;
};

export function createTestRunner({ sandbox: bare, cache, onProgress }: TestRunnerSettings): TestRunner {
  return {
    async run({ folder, files, only, coverage, installed, timeoutSeconds, signal }) {
      const sandbox = withInstalled(bare, installed);
      const { command, flaky } = await ownSettings(folder);
      const known = flaky.length > 0 && { knownFlaky: flaky };
      if (command) {
        const result = await runOwnCommand(sandbox, command, { folder, files, only, coverage, signal });
        return { ...testRun([result]), ...known };
      }
      const wanted = only ?? files;
      const node = await nodeTests(folder, wanted);
      const python = wanted.filter(isPythonTest);
      const results: RunnerResult[] = [];
      if (node.length > 0)
        results.push(await runNodeTests(sandbox, { folder, files: node, coverage, timeoutSeconds, signal }));
      if (python.length > 0) {
        const packages = await providePytest(cache, onProgress);
        results.push(await runPytest(sandbox, packages, { folder, files: python, coverage, timeoutSeconds, signal }));
      }
      return { ...testRun(results), ...known };
    },
  };
}

const isPythonTest = (file: string) => file.endsWith('.py') && isNamedAsTest(file);

/** Those named as tests, and others that use Node's test runner: what else may be a test is a helper of tests. */
async function nodeTests(folder: string, files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    if (!/\.[cm]?[jt]sx?$/.test(file) || !isTestFile(file)) continue;
    if (isNamedAsTest(file) || (await mentionsTestRunner(path.join(folder, file)))) found.push(file);
  }
  return found;
}

async function mentionsTestRunner(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /['"]node:test['"]/.test(text);
}

function testRun(results: readonly RunnerResult[]): TestRun {
  const join = (pick: (result: RunnerResult) => string | undefined, by: string) =>
    results.map(pick).filter(Boolean).join(by);
  const trouble = join((result) => result.trouble && `${result.runner}: ${result.trouble}`, '; ');
  return {
    runner: join((result) => result.runner, ' + ') || 'none',
    complete: trouble === '',
    cases: results.flatMap(({ cases }) => cases),
    unloadable: results.flatMap(({ unloadable }) => unloadable),
    lines: results.some(({ lines }) => lines !== null) ? results.flatMap(({ lines }) => lines ?? []) : null,
    ...(trouble ? { trouble } : {}),
    command: join((result) => result.command, ' && '),
    output: join((result) => result.output, '\n'),
    ms: results.reduce((sum, { ms }) => sum + ms, 0),
  };
}
