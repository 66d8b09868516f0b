// Runs the tests against one fault after the other: many copies of the tree side by side in one sandbox, each with its fault,
// and where that does not work, a sandbox for each.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Sandbox, TestRun, TestRunner } from '../../activities/ports';
import type { Mutant } from '../../domain/mutants';
import { copyTree, mutated, textOf } from './copies';
import { isPython } from './python';

export type Outcome = 'caught' | 'survived';

export type Ground = {
  sandbox: Sandbox;
  runner: TestRunner;
  /** The tree, with tests of base and tester alone. */
  folder: string;
  tests: readonly string[];
  signal?: AbortSignal;
};

const COPIES_LIMIT = 24;
const COPIES_LIMIT_BYTES = 96 * 1024 * 1024; // of the sandbox's disk, which is in memory
const SECONDS_AT_LEAST = 3;
const SLOWER = 4; // what ends at all ends by then
const RUN_MS = 60_000; // of the 120 s that a run has

/** Which tests pass without a fault, how long they take, and how many copies fit into one sandbox. */
export type Plain = { passing: readonly string[]; ms: number; fits: number };

/** Without a fault; and with a remark more, which changes nothing: what fails then looks at its own source. */
export async function runPlain(ground: Ground, files: readonly string[]): Promise<Plain | { unfit: string }> {
  const run = await runAlone(ground, new Map());
  const passing = [...passingIn(run)];
  if (!run.complete || passing.length === 0) return { unfit: run.trouble ?? 'none of its tests passes' };
  const bytes = await sizeOf(ground.folder);
  // In Python the copies would be one: a module has one name, and is loaded once.
  const most = ground.tests.some(isPython) ? 1 : COPIES_LIMIT;
  const fits = Math.floor(Math.min(most, COPIES_LIMIT_BYTES / Math.max(1, bytes), RUN_MS / Math.max(1, run.ms)));
  const plain = { passing, ms: run.ms, fits };
  if (outcomeOf(await runAlone(ground, await remarked(ground.folder, files)), plain) === 'survived') return plain;
  return { unfit: `its tests pass, and fail once a remark is added to the end of ${files.join(', ')}` };
}

export async function runOne(ground: Ground, mutant: Mutant, plain: Plain): Promise<Outcome> {
  return outcomeOf(await runAlone(ground, await withFault(ground.folder, mutant), timeoutOf(plain)), plain);
}

/** One outcome a fault, in their order; `unfit` where the tests do not pass side by side even without a fault. */
export async function runBeside(
  ground: Ground,
  mutants: readonly Mutant[],
  plain: Plain,
): Promise<Outcome[] | 'unfit'> {
  if (mutants.length === 1) return [await runOne(ground, mutants[0]!, plain)];
  const run = await runCopies(ground, mutants, plain);
  if (run !== undefined) {
    const outcomes = run.map((part) => outcomeOf(part, plain));
    const controls = [outcomes.shift(), outcomes.pop()];
    return controls.includes('caught') ? 'unfit' : outcomes;
  }
  // One of them ended the run for all: the halves tell which.
  const half = Math.ceil(mutants.length / 2);
  const first = await runBeside(ground, mutants.slice(0, half), plain);
  if (first === 'unfit') return first;
  const second = await runBeside(ground, mutants.slice(half), plain);
  return second === 'unfit' ? second : [...first, ...second];
}

function runAlone(ground: Ground, changes: ReadonlyMap<string, string>, timeoutSeconds?: number): Promise<TestRun> {
  const { sandbox, runner, folder, tests, signal } = ground;
  return sandbox.withFolder(async (copy) => {
    await copyTree(folder, copy, changes);
    return runner.run({ folder: copy, files: tests, coverage: false, timeoutSeconds, signal });
  });
}

/** What is said of each copy, with one without a fault at either end; undefined where the run did not come to its end. */
function runCopies(ground: Ground, mutants: readonly Mutant[], plain: Plain): Promise<TestRun[] | undefined> {
  const { sandbox, runner, folder, tests, signal } = ground;
  const control = () => remarked(folder, [mutants[0]!.file]);
  const trees = [control, ...mutants.map((mutant) => () => withFault(folder, mutant)), control];
  return sandbox.withFolder(async (place) => {
    const names = trees.map((_, at) => `copy-${at}`);
    for (const [at, changes] of trees.entries()) await copyTree(folder, path.join(place, names[at]!), await changes());
    const files = names.flatMap((name) => tests.map((test) => `${name}/${test}`));
    const run = await runner.run({ folder: place, files, coverage: false, timeoutSeconds: timeoutOf(plain), signal });
    return run.complete ? names.map((name) => partOf(run, name)) : undefined;
  });
}

/** As if it had run alone. */
function partOf(run: TestRun, copy: string): TestRun {
  const own = run.cases.filter(({ file }) => file.startsWith(`${copy}/`));
  return { ...run, cases: own.map((test) => ({ ...test, id: test.id.slice(copy.length + 1) })) };
}

const passingIn = ({ cases }: TestRun): Set<string> =>
  new Set(cases.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));

/** A test that is gone, or in a file that does not load, no longer passes either. */
function outcomeOf(run: TestRun, { passing }: Plain): Outcome {
  const now = passingIn(run);
  return run.complete && passing.every((id) => now.has(id)) ? 'survived' : 'caught';
}

const timeoutOf = ({ ms }: Plain) => Math.ceil(Math.max(SECONDS_AT_LEAST, (SLOWER * ms) / 1_000));

const withFault = async (folder: string, mutant: Mutant) =>
  new Map([[mutant.file, mutated(await textOf(folder, mutant.file), mutant)]]);

async function remarked(folder: string, files: readonly string[]): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(
      files.map(
        async (file) => [file, `${await textOf(folder, file)}\n${isPython(file) ? '#' : '//'} as it is\n`] as const,
      ),
    ),
  );
}

async function sizeOf(folder: string): Promise<number> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(({ parentPath, name }) => stat(path.join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
