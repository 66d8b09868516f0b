// `npm test`: fetches what the tests need, checks types, lint and format, then runs jest, and stops at what fails first.
// With arguments it runs jest alone, on what they name. Its last line is for machines: N passed, N failed, N skipped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { provideBubblewrap } from '../src/adapters/provision/bubblewrap';
import { cacheFolder } from '../src/adapters/provision/cache';
import { providePytest } from '../src/adapters/provision/pytest';
import { findTemporal } from '../src/adapters/provision/temporal';
import { verb } from './cli/verb';

const ROOT = join(__dirname, '..');

const help = verb({
  name: 'test',
  does: 'Fetches what the tests need, checks types, lint and format, and runs all tests. The last line counts them.',
  examples: ['', 'test/domain/gate.test.ts', '--testNamePattern "merging twice"'],
})
  .argument('[files...]', 'these alone, and without the checks')
  .usage('[files...] [options of jest]');

class Failed extends Error {}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return help.outputHelp();
  await timed('what the tests need', provision);
  if (args.every((arg) => arg.startsWith('-'))) {
    // Side by side they take three quarters of the time on two cores.
    await all([check('types', 'tsc', '--noEmit'), check('lint', 'eslint', '.')]);
    await check('format', 'prettier', '--check', '.');
  }
  const tests = await timed('tests', () => jest(args));
  console.log(tests.closingLine);
  process.exitCode = tests.passed ? 0 : 1;
}

/** Lets every check finish and have its say. */
async function all(checks: readonly Promise<void>[]): Promise<void> {
  const complaints = (await Promise.allSettled(checks)).filter((check) => check.status === 'rejected');
  if (complaints.length > 0) throw new Failed(complaints.map(({ reason }) => inWords(reason)).join('\n\n'));
}

async function provision(): Promise<void> {
  process.env.TEMPORAL_CLI = await findTemporal({ onProgress: console.log });
  await provideBubblewrap(cacheFolder(), console.log);
  await providePytest(cacheFolder(), console.log);
}

/** A tool that is heard only when it complains. */
async function check(name: string, tool: string, ...args: string[]): Promise<void> {
  await timed(name, async () => {
    const child = spawn(bin(tool), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    if (code !== 0) throw new Failed(`${said}${complained}\n${[tool, ...args].join(' ')} failed.`);
  });
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

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

const bin = (tool: string): string => join(ROOT, 'node_modules', '.bin', tool);

const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error));

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(inWords(error));
  process.exit(1);
});
