// Runs the tests by the repository's own command, as .millwright.yaml names it, and reads the JUnit report that it writes.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Sandbox, SandboxResult } from '../../activities/ports';
import { isNamedAsTest } from '../../domain/paths';
import { SETTINGS_FILE, settingsIn } from '../repository-settings';
import { namedCases } from './cases';
import { lcovLines, sourceLines } from './coverage';
import { junitCases } from './junit';
import type { RunnerInput, RunnerResult } from './runner';
import { lastOutput } from './text';

const REPORT = 3; // as in inside/own-command.mjs
const SCRIPT = '/millwright/own-command.mjs';
const scripts = ['own-command.mjs', 'originals.mjs'].map((file) => ({
  from: path.join(__dirname, 'inside', file),
  to: `/millwright/${file}`,
}));

/** The command, or why there is a file for it that nobody can follow. */
export type OwnCommand = { run: string; junit: string; coverage?: string } | { broken: string };

export async function ownSettings(folder: string): Promise<{ command?: OwnCommand; flaky: readonly string[] }> {
  const settings = settingsIn(await readFile(path.join(folder, SETTINGS_FILE), 'utf8').catch(() => undefined));
  if ('broken' in settings) return { command: settings, flaky: [] };
  const { tests, flaky } = settings;
  return { flaky, ...(tests && { command: tests }) };
}

export async function runOwnCommand(
  sandbox: Sandbox,
  own: OwnCommand,
  input: RunnerInput & { only?: readonly string[] },
): Promise<RunnerResult> {
  if ('broken' in own) return nothing({ trouble: `${SETTINGS_FILE} is broken: ${own.broken}` });
  const result = await sandbox.run({
    command: ['node', SCRIPT],
    folder: input.folder,
    readOnly: scripts,
    environment: {
      MILLWRIGHT_OWN_COMMAND: JSON.stringify(own),
      MILLWRIGHT_FILES: JSON.stringify(input.files.filter((file) => isNamedAsTest(file))),
    },
    reportDescriptor: REPORT,
    signal: input.signal,
  });
  const outcome = {
    command: own.run,
    output: lastOutput(`${result.stdout}\n${result.stderr}`),
    ms: result.ms,
  };
  try {
    return nothing({ ...outcome, ...understand(result, own.junit, input) });
  } catch (error) {
    return nothing({ ...outcome, trouble: (error as Error).message });
  }
}

const Report = z.object({
  exitCode: z.number().nullable(),
  junit: z.string().nullable(),
  coverage: z.string().nullable(),
  /** Test files that were written while the tests ran. */
  changed: z.array(z.string()),
});

function understand(
  result: SandboxResult,
  junit: string,
  { files, only, coverage }: RunnerInput & { only?: readonly string[] },
): Partial<RunnerResult> {
  if (result.stopped) throw new Error(`the run was stopped (${result.stopped})`);
  const report = Report.safeParse(json(result.report));
  if (!report.success) throw new Error(`the run gave no report (exit code ${result.exitCode})`);
  if (report.data.changed.length > 0)
    throw new Error(`test files were written while the tests ran: ${report.data.changed.join(', ')}`);
  if (report.data.junit === null) throw new Error(`it did not write ${junit} (exit code ${report.data.exitCode})`);
  const found = junitCases(report.data.junit, files);
  const cases = namedCases(only ? found.filter(({ file }) => only.includes(file)) : found);
  if (report.data.exitCode !== 0 && !found.some(({ outcome }) => outcome === 'failed'))
    throw new Error(`its exit code ${report.data.exitCode} does not fit ${junit}, where nothing failed`);
  return { cases, lines: coverage && report.data.coverage ? sourceLines(lcovLines(report.data.coverage)) : null };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const nothing = (known: Partial<RunnerResult>): RunnerResult => ({
  runner: 'own command',
  cases: [],
  unloadable: [],
  lines: null,
  command: '',
  output: '',
  ms: 0,
  ...known,
});
