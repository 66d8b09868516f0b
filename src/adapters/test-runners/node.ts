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
const CONTROLS = 2;
const CHECK_SECONDS = 20;
const tools = ['node-reporter.mjs', 'node-witness.mjs', 'node-locks.cjs', 'originals.mjs'].map((file) => ({
  from: path.join(__dirname, 'inside', file),
  to: `/millwright/${file}`,
}));

export async function runNodeTests(sandbox: Sandbox, input: RunnerInput): Promise<RunnerResult> {
  const { folder, files, coverage, timeoutSeconds, signal } = input;
  const options = [
    ...['--test', '--require', '/millwright/node-locks.cjs', '--import', '/millwright/node-witness.mjs'],
    ...(coverage ? ['--experimental-test-coverage'] : []),
    // One that never ends is not to keep the others waiting.
    ...(timeoutSeconds === undefined ? [] : [`--test-timeout=${timeoutSeconds * 1_000}`, '--test-concurrency=2']),
    ...['--test-reporter', '/millwright/node-reporter.mjs', '--test-reporter-destination', 'stderr'],
    ...['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
  ];
  const command = ['node', ...options, '--', ...files];
  const environment = { MILLWRIGHT_FILES: JSON.stringify(files) };
  const result = await sandbox.run({ command, folder, readOnly: tools, environment, reportDescriptor: REPORT, signal });
  const report = reportLines(Event, result.report);
  const told = understand(report ?? []);
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
    trouble: troubleOf(result, report, told, files),
    command: ['node', '--test', ...files].join(' '),
    output: lastOutput(`${result.stdout}\n${result.stderr}`),
    ms: result.ms,
  };
}

// ── what Node told ──────────────────────────────────────────────────────────────────────────────────────────────

// `within` is the test file whose process said it; `file` is where the test was written, which may be a helper of it.
const Place = { within: z.string(), file: z.string(), line: z.number(), name: z.string(), nesting: z.number() };
const Outcome = {
  suite: z.boolean(),
  skipped: z.boolean(),
  error: z.string().optional(),
  reason: z.string().optional(),
};
const Event = z.discriminatedUnion('event', [
  // What the witness in a test file's process signs.
  z.object({ event: z.literal('start'), ...Place }),
  z.object({ event: z.enum(['pass', 'fail']), ...Place, ...Outcome }),
  z.object({ event: z.literal('control'), within: z.string(), passed: z.boolean() }),
  z.object({ event: z.literal('closed'), within: z.string(), whole: z.boolean() }),
  // What anybody may have said.
  z.object({ event: z.enum(['remark', 'stderr']), within: z.string(), text: z.string() }),
  // What Node's runner sees of a process from outside.
  z.object({
    event: z.literal('file'),
    within: z.string(),
    passed: z.boolean(),
    error: z.string().optional(),
    exitCode: z.number().nullish(),
  }),
  z.object({
    event: z.literal('coverage'),
    files: z.array(z.object({ path: z.string(), total: z.number(), covered: z.number() })),
  }),
  z.object({
    event: z.literal('end'),
    lines: z.number(),
    unfinished: z.array(z.string()),
    /** Test files that were written while the tests ran. */
    changed: z.array(z.string()),
  }),
]);
type Event = z.infer<typeof Event>;
type Ended = Extract<Event, { event: 'pass' | 'fail' }>;
type FileEnded = Extract<Event, { event: 'file' }>;

type Told = {
  cases: TestCase[];
  /** Files that ended badly before any test did. */
  crashed: { file: string; error: string }[];
  /** Files in which no test was found. */
  silent: string[];
  /** Files whose process ended itself in the middle. */
  ended: string[];
  /** Files that were heard to their end. */
  closed: string[];
  /** Of the tests that have to fail, those that did, by file. Where one does not, any other may be as little worth. */
  controls: Map<string, number>;
  lines: TestRun['lines'];
};

function understand(events: readonly Event[]): Told {
  const told: Told = { cases: [], crashed: [], silent: [], ended: [], closed: [], controls: new Map(), lines: null };
  const found: (FoundCase & { within: string })[] = [];
  const printed = new Map<string, string>();
  const opened = new Map<string, { name: string; parent: boolean }[]>();
  for (const event of events) {
    switch (event.event) {
      case 'start': {
        const open = (opened.get(event.within) ?? []).slice(0, event.nesting);
        for (const around of open) around.parent = true;
        opened.set(event.within, [...open, { name: event.name, parent: false }]);
        break;
      }
      case 'stderr':
      case 'remark':
        printed.set(event.within, (printed.get(event.within) ?? '') + event.text);
        break;
      case 'coverage':
        told.lines = sourceLines(event.files);
        break;
      case 'pass':
      case 'fail': {
        const open = opened.get(event.within) ?? [];
        if (counts(event, open[event.nesting]?.parent ?? false)) found.push(caseOf(event, open));
        break;
      }
      case 'control':
        if (!event.passed) told.controls.set(inBox(event.within), (told.controls.get(inBox(event.within)) ?? 0) + 1);
        break;
      case 'closed':
        if (event.whole) told.closed.push(inBox(event.within));
        break;
      case 'file':
        fileEnded(event, printed.get(event.within)?.trim() ?? '', told, found);
        break;
      case 'end':
        break;
    }
  }
  told.cases = namedCases(found);
  return told;
}

function fileEnded(event: FileEnded, printed: string, told: Told, found: (FoundCase & { within: string })[]): void {
  const file = inBox(event.within);
  const own = found.filter((one) => one.within === event.within);
  if (event.passed) {
    if (own.length === 0) told.silent.push(file);
  } else if (event.exitCode === ENDED_ITSELF) told.ended.push(file);
  else if (own.length === 0) told.crashed.push({ file, error: printed || (event.error ?? 'it did not load') });
  else if (event.exitCode !== 1 || !own.some(({ outcome }) => outcome === 'failed'))
    found.push({
      ...{ within: event.within, file, names: ['(outside of its tests)'], outcome: 'failed' },
      error: printed || event.error,
    });
}

// A test with tests in it, and a suite, count only for what went wrong in themselves.
function counts(event: Ended, isParent: boolean): boolean {
  if (!isParent && !event.suite) return true;
  if (event.suite && event.skipped && !isParent) return true;
  return event.event === 'fail' && event.reason !== 'subtestsFailed';
}

function caseOf(event: Ended, open: readonly { name: string }[]): FoundCase & { within: string } {
  const names = [...open.slice(0, event.nesting).map(({ name }) => name), event.name];
  const outcome = event.skipped ? 'skipped' : event.event === 'pass' ? 'passed' : 'failed';
  return { within: event.within, file: inBox(event.file), names, outcome, error: event.error, line: event.line };
}

function troubleOf(
  result: SandboxResult,
  report: readonly Event[] | undefined,
  told: Told,
  files: readonly string[],
): string | undefined {
  if (result.stopped) return `the run was stopped (${result.stopped})`;
  const end = report?.at(-1);
  if (end?.event !== 'end') return `the report is missing or cut off (exit code ${result.exitCode})`;
  if (told.ended.length > 0) return `ended its own process before its tests were done: ${told.ended.join(', ')}`;
  if (told.silent.length > 0) return `reported no tests: ${told.silent.join(', ')}`;
  if (end.changed.length > 0) return `test files were written while the tests ran: ${end.changed.join(', ')}`;
  const crashed = told.crashed.map(({ file }) => file);
  const charmed = told.closed.filter((file) => !crashed.includes(file) && told.controls.get(file) !== CONTROLS);
  if (charmed.length > 0) return `the code makes tests pass that have to fail: ${charmed.join(', ')}`;
  const lost = files.filter((file) => ![...told.closed, ...crashed].includes(file));
  if (lost.length > 0) return `were not heard to their end: ${lost.join(', ')}`;
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
