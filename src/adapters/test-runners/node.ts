// Runs tests written for Node's own test runner, and understands its events.
import path from 'node:path';
import { z } from 'zod';
import type { Sandbox, SandboxResult, TestCase, TestRun } from '../../activities/ports';
import { namedCases, type FoundCase } from './cases';
import { inBox, sourceLines } from './coverage';
import { reportLines } from './report-lines';
import type { RunnerInput, RunnerResult } from './runner';
import { lastOutput, oneLine, trimError } from './text';

const REPORT = 3; // as in inside/node-reporter.mjs
const ENDED_ITSELF = 97; // as in inside/node-witness.mjs
const CHECK_SECONDS = 20;
const tools = ['node-reporter.mjs', 'node-witness.mjs'].map((file) => ({
  from: path.join(__dirname, 'inside', file),
  to: `/millwright/${file}`,
}));

export async function runNodeTests(sandbox: Sandbox, input: RunnerInput): Promise<RunnerResult> {
  const { folder, files, coverage, timeoutSeconds, signal } = input;
  const options = [
    ...['--test', '--import', '/millwright/node-witness.mjs'],
    ...(coverage ? ['--experimental-test-coverage'] : []),
    // One that never ends is not to keep the others waiting.
    ...(timeoutSeconds === undefined ? [] : [`--test-timeout=${timeoutSeconds * 1_000}`, '--test-concurrency=2']),
    ...['--test-reporter', '/millwright/node-reporter.mjs', '--test-reporter-destination', 'stderr'],
    ...['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
  ];
  const command = ['node', ...options, '--', ...files];
  const result = await sandbox.run({ command, folder, readOnly: tools, reportDescriptor: REPORT, signal });
  const report = reportLines(Event, result.report);
  const told = report ? understand(report) : { cases: [], crashed: [], silent: [], ended: [], lines: null };
  const unloadable = await Promise.all(
    told.crashed.map(async ({ file, error }) => ({
      file,
      error: trimError(error),
      syntax: !(await parses(sandbox, folder, file, signal)),
    })),
  );
  return {
    runner: 'node',
    cases: told.cases,
    unloadable,
    lines: told.lines,
    trouble: troubleOf(result, report, told),
    command: ['node', '--test', ...files].join(' '),
    output: lastOutput(`${result.stdout}\n${result.stderr}`),
    ms: result.ms,
  };
}

// ── what Node told ──────────────────────────────────────────────────────────────────────────────────────────────

const Place = { file: z.string(), line: z.number(), name: z.string(), nesting: z.number() };
const Outcome = {
  suite: z.boolean(),
  skipped: z.boolean(),
  error: z.string().optional(),
  reason: z.string().optional(),
  exitCode: z.number().nullish(),
};
const Event = z.discriminatedUnion('event', [
  z.object({ event: z.literal('start'), ...Place }),
  z.object({ event: z.enum(['pass', 'fail']), ...Place, ...Outcome }),
  z.object({ event: z.literal('remark'), text: z.string() }),
  z.object({ event: z.literal('stderr'), file: z.string(), text: z.string() }),
  z.object({
    event: z.literal('coverage'),
    files: z.array(z.object({ path: z.string(), total: z.number(), covered: z.number() })),
  }),
  z.object({ event: z.literal('end'), lines: z.number(), unfinished: z.array(z.string()) }),
]);
type Event = z.infer<typeof Event>;
type Ended = Extract<Event, { event: 'pass' | 'fail' }>;

type Told = {
  cases: TestCase[];
  /** Files that ended badly before any test did. */
  crashed: { file: string; error: string }[];
  /** Files in which no test was found. */
  silent: string[];
  /** Files whose process ended itself in the middle. */
  ended: string[];
  lines: TestRun['lines'];
};

function understand(events: readonly Event[]): Told {
  const told: Told = { cases: [], crashed: [], silent: [], ended: [], lines: null };
  const found: FoundCase[] = [];
  const printed = new Map<string, string>();
  let remarks = '';
  let open: { name: string; parent: boolean }[] = [];
  for (const event of events) {
    switch (event.event) {
      case 'start':
        open = open.slice(0, event.nesting);
        for (const around of open) around.parent = true;
        open.push({ name: event.name, parent: false });
        break;
      case 'stderr':
        printed.set(event.file, (printed.get(event.file) ?? '') + event.text);
        break;
      case 'remark':
        remarks += `${event.text}\n`;
        break;
      case 'coverage':
        told.lines = sourceLines(event.files);
        break;
      case 'pass':
      case 'fail':
        if (isFile(event)) fileEnded(event, printed.get(event.file) ?? remarks, told, found);
        else if (counts(event, open[event.nesting]?.parent ?? false)) found.push(caseOf(event, open));
        if (event.nesting === 0) remarks = '';
        break;
      case 'end':
        break;
    }
  }
  told.cases = namedCases(found);
  return told;
}

// Node speaks of a file as of a test when it has no tests, or something went wrong outside of them.
const isFile = (event: Ended) => event.nesting === 0 && inBox(event.name) === inBox(event.file);

function fileEnded(event: Ended, printed: string, told: Told, found: FoundCase[]): void {
  const file = inBox(event.file);
  if (event.event === 'pass') told.silent.push(file);
  else if (event.exitCode === ENDED_ITSELF) told.ended.push(file);
  else if (found.some((one) => one.file === file))
    found.push({ file, names: ['(outside of its tests)'], outcome: 'failed', error: printed || event.error });
  else told.crashed.push({ file, error: printed || (event.error ?? 'it did not load') });
}

// A test with tests in it, and a suite, count only for what went wrong in themselves.
function counts(event: Ended, isParent: boolean): boolean {
  if (!isParent && !event.suite) return true;
  if (event.suite && event.skipped && !isParent) return true;
  return event.event === 'fail' && event.reason !== 'subtestsFailed';
}

function caseOf(event: Ended, open: readonly { name: string }[]): FoundCase {
  const names = [...open.slice(0, event.nesting).map(({ name }) => name), event.name];
  const outcome = event.skipped ? 'skipped' : event.event === 'pass' ? 'passed' : 'failed';
  return { file: inBox(event.file), names, outcome, error: event.error, line: event.line };
}

function troubleOf(result: SandboxResult, report: readonly Event[] | undefined, told: Told): string | undefined {
  if (result.stopped) return `the run was stopped (${result.stopped})`;
  const end = report?.at(-1);
  if (end?.event !== 'end') return `the report is missing or cut off (exit code ${result.exitCode})`;
  if (told.ended.length > 0) return `ended its own process before its tests were done: ${told.ended.join(', ')}`;
  if (told.silent.length > 0) return `reported no tests: ${told.silent.join(', ')}`;
  if (end.unfinished.length > 0) return `never finished: ${end.unfinished.map(oneLine).join(', ')}`;
  const bad = told.crashed.length > 0 || told.cases.some(({ outcome }) => outcome === 'failed');
  if (result.exitCode !== (bad ? 1 : 0)) return `the runner's exit code ${result.exitCode} does not fit its report`;
  return undefined;
}

async function parses(sandbox: Sandbox, folder: string, file: string, signal?: AbortSignal): Promise<boolean> {
  const limits = { wallSeconds: CHECK_SECONDS };
  const { exitCode } = await sandbox.run({ command: ['node', '--check', `./${file}`], folder, limits, signal });
  return exitCode === 0;
}
