// Runs tests written for pytest, and understands the events of our plugin.
import path from 'node:path';
import { z } from 'zod';
import type { Sandbox, SandboxResult } from '../../activities/ports';
import type { PythonPackages } from '../provision/pytest';
import { namedCases } from './cases';
import { sourceLines } from './coverage';
import { reportLines } from './report-lines';
import type { RunnerInput, RunnerResult } from './runner';
import { lastOutput, oneLine, trimError } from './text';

const REPORT = 3; // as in inside/millwright_pytest.py
const PLUGIN = 'millwright_pytest';
const PLUGINS = '/millwright/python';
const GUARD = '/millwright/report-guard.mjs';
const guards = ['report-guard.mjs', 'originals.mjs'].map((file) => ({
  from: path.join(__dirname, 'inside', file),
  to: `/millwright/${file}`,
}));
const PACKAGES = '/millwright/python-packages';

export async function runPytest(sandbox: Sandbox, packages: PythonPackages, input: RunnerInput): Promise<RunnerResult> {
  const { folder, files, coverage, timeoutSeconds, signal } = input;
  const result = await sandbox.run({
    command: ['node', GUARD, packages.python, `${PLUGINS}/${PLUGIN}.py`, ...options, '--', ...files],
    folder,
    readOnly: [
      ...guards,
      { from: packages.folder, to: PACKAGES },
      { from: path.join(__dirname, 'inside', `${PLUGIN}.py`), to: `${PLUGINS}/${PLUGIN}.py` },
    ],
    environment: {
      PYTHONPATH: PACKAGES,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1',
      MILLWRIGHT_FILES: JSON.stringify(files),
      MILLWRIGHT_PYTEST: JSON.stringify({ files, coverage }),
    },
    // It has no clock of its own: what never ends is stopped as a whole.
    ...(timeoutSeconds !== undefined && { limits: { wallSeconds: timeoutSeconds } }),
    reportDescriptor: REPORT,
    signal,
  });
  const events = reportLines(Event, result.report);
  const of = <K extends Event['event']>(kind: K) =>
    (events ?? []).filter((event): event is Extract<Event, { event: K }> => event.event === kind);
  const cases = namedCases(of('case').map(caseOf));
  const unloadable = of('unloadable').map(({ file, error, syntax }) => ({ file, error: trimError(error), syntax }));
  const bad = unloadable.length > 0 || cases.some(({ outcome }) => outcome === 'failed');
  return {
    runner: 'pytest',
    cases,
    unloadable,
    lines: coverage ? sourceLines(of('coverage').flatMap(({ files }) => files)) : null,
    trouble: troubleOf(result, of('end')[0], bad),
    command: `python3 -m pytest ${files.join(' ')}`,
    output: lastOutput(`${result.stdout}\n${result.stderr}`),
    ms: result.ms,
  };
}

const options = [
  ...['-p', 'no:cacheprovider', '--rootdir=/box', '--continue-on-collection-errors'],
  ...['-o', 'addopts='], // the repository's own options could leave tests out, or need plugins that are not here
];

const Event = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('case'),
    id: z.string(),
    outcome: z.enum(['passed', 'failed', 'skipped']),
    line: z.number(),
    error: z.string(),
  }),
  z.object({ event: z.literal('unloadable'), file: z.string(), error: z.string(), syntax: z.boolean() }),
  z.object({
    event: z.literal('coverage'),
    files: z.array(z.object({ path: z.string(), total: z.number(), covered: z.number() })),
  }),
  z.object({
    event: z.literal('end'),
    lines: z.number(),
    unfinished: z.array(z.string()),
    silent: z.array(z.string()),
    /** Tests that have to fail, and those of them that did not. */
    controls: z.number(),
    charmed: z.number(),
    /** What judges tests, and is no more what it was. */
    tampered: z.array(z.string()),
    /** Lines of somebody else in the runner's report, and test files that were written while the tests ran. */
    strange: z.number(),
    changed: z.array(z.string()),
  }),
]);
type Event = z.infer<typeof Event>;

function caseOf({ id, outcome, line, error }: Extract<Event, { event: 'case' }>) {
  const [file = '', ...names] = id.split(/::(?![^[]*\])/); // a parameter, in brackets, may hold anything
  return { file, names: names.length > 0 ? names : ['(the whole file)'], outcome, line, error };
}

type End = Extract<Event, { event: 'end' }>;

function troubleOf(result: SandboxResult, end: End | undefined, bad: boolean): string | undefined {
  if (result.stopped) return `the run was stopped (${result.stopped})`;
  if (!end) return `the report is missing or cut off (exit code ${result.exitCode})`;
  if (end.silent.length > 0) return `reported no tests: ${end.silent.join(', ')}`;
  if (end.strange > 0) return 'something else wrote to the report';
  if (end.tampered.length > 0) return `the code replaced what judges it: ${end.tampered.join(', ')}`;
  if (end.changed.length > 0) return `test files were written while the tests ran: ${end.changed.join(', ')}`;
  if (end.charmed > 0) return 'the code makes tests pass that have to fail';
  if (end.unfinished.length > 0) return `never finished: ${end.unfinished.map(oneLine).join(', ')}`;
  if (result.exitCode !== (bad || end.controls > 0 ? 1 : 0))
    return `the runner's exit code ${result.exitCode} does not fit its report`;
  return undefined;
}
