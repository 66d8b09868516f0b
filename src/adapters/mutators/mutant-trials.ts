// Makes small faults in a candidate's own lines, and tries each against its tests, in the sandbox and within a time.
import { createHash, randomInt } from 'node:crypto';
import type { Installed, MutantTrials, Sandbox, TestRunner } from '../../activities/ports';
import type { ChangedFile, Mutant, Tries } from '../../domain/mutants';
import { withInstalled } from '../sandbox/installed';
import { isSpoken, makeMutants, type Tools } from './languages';
import type { Probed } from './probed';
import { runBeside, runOne, runPlain, type Ground, type Outcome, type Plain } from './trial-runs';

const MUTANTS_LIMIT = 600;
const FILE_LIMIT_CHARS = 200_000;
const PROBING = 0.3; // of the time: for looking at what survived
const CALIBRATION = 6;
const LOOKS = 3;
const ALONE_AT_ONCE = 2; // as many as run beside each other in one sandbox

export function createMutantTrials({ sandbox, runner, python }: Tools & { runner: TestRunner }): MutantTrials {
  return {
    async run({ folder, tests, installed, files, seed, seconds, signal }) {
      const deadline = performance.now() + seconds * 1_000;
      const fit = files.filter((file) => whyUntried(file) === undefined);
      const made = await makeMutants({ sandbox, python }, fit, signal);
      const untried = [...files.flatMap((file) => whyUntried(file) ?? []), ...made.untried];
      const all = inOrder(made.mutants, seed);
      const nothing = { trials: [], functions: [], untried, untriedCount: all.length, runs: 0 };
      if (all.length === 0) return nothing;
      const count = { runs: 0 };
      const within = countingRuns(withInstalled(sandbox, installed), withWhat(runner, installed), count);
      const ground: Ground = { ...within, folder, tests, signal };
      const plain = await runPlain(ground, [...new Set(all.map(({ file }) => file))]);
      if ('unfit' in plain) return { ...nothing, ...count, unfit: plain.unfit };
      const left = () => deadline - performance.now();
      const outcomes = await tryAll(ground, all.slice(0, MUTANTS_LIMIT), plain, deadline - left() * PROBING);
      if (outcomes.length === 0)
        return { ...nothing, ...count, unfit: `${seconds} s were not enough to try one of ${all.length} faults` };
      const tried = all.slice(0, outcomes.length);
      const untriedCount = all.length - tried.length;
      if (untriedCount > 0)
        untried.push(
          `${untriedCount} of ${all.length} faults, left out by lot: ${seconds} s were enough for ${tried.length}`,
        );
      const looked = outcomes.flatMap((outcome, at) => (outcome === 'survived' ? [at] : []));
      const control = outcomes.flatMap((outcome, at) => (outcome === 'caught' ? [at] : [])).slice(0, CALIBRATION);
      const asked = [...looked, ...control];
      const mutants = asked.map((at) => tried[at]!);
      const probed = await made.probe({ ...ground, mutants, seconds: left() / 1_000 });
      return { ...nothing, ...tries(tried, outcomes, asked, probed), untriedCount, ...count };
    },
  };
}

const withWhat = (runner: TestRunner, installed: Installed | undefined): TestRunner => ({
  run: (input) => runner.run({ ...input, installed }),
});

function whyUntried({ path, content }: ChangedFile): string | undefined {
  if (!isSpoken(path)) return `${path}: no mutants are made of files of its kind`;
  return content.length > FILE_LIMIT_CHARS ? `${path}: it is longer than ${FILE_LIMIT_CHARS} characters` : undefined;
}

/** By lot, and the same lot each time for the same candidate. */
function inOrder(mutants: readonly Mutant[], seed: string): Mutant[] {
  const lot = ({ file, start, end, replacement }: Mutant) =>
    createHash('sha256')
      .update(JSON.stringify([seed, file, start, end, replacement]))
      .digest('hex');
  const lots = mutants.map((mutant) => ({ mutant, by: lot(mutant) }));
  return lots.sort((a, b) => (a.by < b.by ? -1 : 1)).map(({ mutant }) => mutant);
}

function countingRuns(
  sandbox: Sandbox,
  runner: TestRunner,
  count: { runs: number },
): Pick<Ground, 'sandbox' | 'runner'> {
  const counted = <I, O>(run: (input: I) => O) => {
    return (input: I) => {
      count.runs += 1;
      return run(input);
    };
  };
  return {
    sandbox: { ...sandbox, run: counted((run: Parameters<Sandbox['run']>[0]) => sandbox.run(run)) },
    runner: { run: counted((input: Parameters<TestRunner['run']>[0]) => runner.run(input)) },
  };
}

/** Side by side where that can be believed, otherwise each alone. */
async function tryAll(ground: Ground, mutants: readonly Mutant[], plain: Plain, until: number): Promise<Outcome[]> {
  const outcomes = await tryEach(ground, mutants, plain, until);
  if (plain.fits < 2 || (await holdAlone(ground, mutants, outcomes, plain))) return outcomes;
  return tryEach(ground, mutants, { ...plain, fits: 1 }, until);
}

/** Code that runs beside other copies of itself can spoil their tests, so that all of them would seem to be caught. */
async function holdAlone(ground: Ground, mutants: readonly Mutant[], outcomes: readonly Outcome[], plain: Plain) {
  const caught = mutants.filter((_, at) => outcomes[at] === 'caught');
  for (let looks = 0; looks < LOOKS && caught.length > 0; looks++) {
    const [mutant] = caught.splice(randomInt(caught.length), 1);
    if ((await runOne(ground, mutant!, plain)) !== 'caught') return false;
  }
  return true;
}

async function tryEach(ground: Ground, mutants: readonly Mutant[], plain: Plain, until: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let { fits } = plain;
  while (outcomes.length < mutants.length && performance.now() < until) {
    const inTime = Math.ceil((until - performance.now()) / Math.max(1, plain.ms));
    const most = Math.max(fits, ALONE_AT_ONCE);
    const next = mutants.slice(outcomes.length, outcomes.length + Math.max(1, Math.min(most, inTime)));
    const beside = fits < 2 ? 'unfit' : await runBeside(ground, next, plain);
    if (beside === 'unfit') {
      fits = 1;
      const alone = next.slice(0, ALONE_AT_ONCE);
      outcomes.push(...(await Promise.all(alone.map((mutant) => runOne(ground, mutant, plain)))));
    } else outcomes.push(...beside);
  }
  return outcomes;
}

/** What was found of each. What calls the code as the tests do and sees no fault that they catch, is not to be believed of others. */
function tries(
  mutants: readonly Mutant[],
  outcomes: readonly Outcome[],
  asked: readonly number[],
  probed: Probed,
): Pick<Tries, 'trials' | 'functions'> {
  const seen = new Map(asked.map((at, index) => [at, probed.seen[index]]));
  const control = asked.filter((at) => outcomes[at] === 'caught');
  const blind = control.filter((at) => seen.get(at)?.differs === 0);
  const believed = 2 * blind.length <= control.length;
  const trials = mutants.map((mutant, at) => {
    const { reached = true, differs = null } = seen.get(at) ?? {};
    const missed = reached ? ('survived' as const) : ('unreached' as const);
    const outcome = outcomes[at] === 'caught' ? ('caught' as const) : missed;
    return { ...mutant, outcome, differs: believed ? differs : null };
  });
  return { trials, functions: probed.functions };
}
