// What `npm test` and `npm run test:faults` share: what the tests need, jest, and the last line that counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideBubblewrap } from '../../src/adapters/provision/bubblewrap';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { providePytest } from '../../src/adapters/provision/pytest';
import { findTemporal } from '../../src/adapters/provision/temporal';

export const ROOT = join(__dirname, '../..');

export class Failed extends Error {}

/** Runs jest, and prints the line for machines. */
export async function runTests(args: readonly string[]): Promise<void> {
  const tests = await timed('tests', () => jest(args));
  console.log(tests.closingLine);
  process.exitCode = tests.passed ? 0 : 1;
}

/** Says in a line why it could not go on. */
export function endWith(work: Promise<void>): void {
  work.catch((error: unknown) => {
    console.error(inWords(error));
    process.exit(1);
  });
}

export async function provision(): Promise<void> {
  process.env.TEMPORAL_CLI = await findTemporal({ onProgress: console.log });
  await provideBubblewrap(cacheFolder(), console.log);
  await providePytest(cacheFolder(), console.log);
}

async function jest(args: readonly string[]): Promise<{ passed: boolean; closingLine: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'millwright-test-'));
  const report = join(folder, 'jest.json');
  try {
    const child = spawn(bin('jest'), [...args, '--json', '--outputFile', report], { cwd: ROOT, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    const written = await readFile(report, 'utf8').catch(() => {
      throw new Failed('jest ended without a report.');
    });
    return { passed: code === 0, closingLine: closingLine(JSON.parse(written) as JestReport) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
};

/** A file that could not be loaded counts as one failed test: its tests are unknown. */
function closingLine(report: JestReport): string {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`;
}

export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

export const bin = (tool: string): string => join(ROOT, 'node_modules', '.bin', tool);

export const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error));
