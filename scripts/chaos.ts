// npm run chaos -- --trials N --seed S: milestones that suffer two faults each, chosen by chance that the seed repeats; each is
// checked against FAULTS.md's invariants, and what failed can be run again by its number.
import { cpSync, mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { cacheFolder } from '../src/adapters/provision/cache';
import { stageNames } from '../src/domain/pipeline';
import { workflowBundle } from '../src/workers/workflow-bundle';
import { exitCodes } from './cli/exit-codes';
import { safeJson } from './cli/safe-text';
import { run, verb, whole } from './cli/verb';
import { loadPipelines } from './docs/definitions';
import { check, inWords } from './trial/check';
import { readEvidence } from './trial/evidence';
import { planOf, twoFaults } from './trial/faults';
import { openGround, type Ground } from './trial/ground';
import { randomFrom } from './trial/random';
import { runTrial, type Recovery } from './trial/trial';
import { tableLines } from './trial/table';

type Options = { trials: number; seed: string; only?: number; parallel: number; json?: boolean };

export type Outcome = {
  trial: number;
  faults: string[];
  seconds: number;
  violations: string[];
  recoveries: Recovery[];
  /** Where its evidence lies, when it failed. */
  evidence?: string;
};

const command = verb({
  name: 'chaos',
  does: 'Delivers milestones against a Temporal server of their own while workers, the server, the model and their answers fail: two faults in each, chosen by the seed. Checks every finished trial against the invariants, and prints a table of faults, recoveries and violations. What is broken is kept, and can be run again.',
  examples: ['--trials 20', '--trials 300 --seed 1', '--seed 1 --only 17'],
})
  .option('--trials <number>', 'how many', whole, 20)
  .option('--seed <text>', 'what chance begins with', '1')
  .option('--only <number>', 'this trial of the seed alone', whole)
  .option('--parallel <number>', 'trials at once', whole, 3 * availableParallelism())
  .option('--json', 'prints { seed, trials } for a program')
  .action(chaos);

async function chaos({ trials, seed, only, parallel, json }: Options): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const numbers = only === undefined ? Array.from({ length: trials }, (_, at) => at + 1) : [only];
  const ground = await openGround(numbers.map(nameOf));
  const kept = mkdtempSync(join(tmpdir(), 'millwright-chaos-'));
  const outcomes: Outcome[] = [];
  try {
    const left = [...numbers];
    const serve = async () => {
      for (let trial = left.shift(); trial !== undefined; trial = left.shift()) {
        const outcome = await oneTrial(ground, seed, trial, kept);
        outcomes.push(outcome);
        console.error(lineOf(seed, outcome));
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, numbers.length) }, serve));
  } finally {
    await ground.close();
  }
  console.log(json ? safeJson({ seed, trials: outcomes }) : tableLines(outcomes).join('\n'));
  if (outcomes.some(({ violations }) => violations.length > 0)) process.exitCode = exitCodes.failed;
}

const nameOf = (trial: number): string => `chaos-${trial}`;

async function oneTrial(ground: Ground, seed: string, trial: number, kept: string): Promise<Outcome> {
  const random = randomFrom(`${seed}/${trial}`);
  const stages = stageNames(loadPipelines().find(({ name }) => name === 'milestone')!);
  const kinds = twoFaults(random);
  const faults = kinds.map(({ name }) => name);
  const plan = planOf(nameOf(trial), kinds, random, stages);
  try {
    const tried = await runTrial(ground, plan);
    const found = await check(readEvidence(tried.folder), [await workflowBundle(cacheFolder())]);
    const violations = [...found.map(inWords), ...(tried.hung ? ['I4: nothing moved for three minutes'] : [])];
    const evidence = join(kept, nameOf(trial));
    if (violations.length > 0) cpSync(tried.folder, evidence, { recursive: true });
    const { seconds, recoveries } = tried;
    return { trial, faults, seconds, violations, recoveries, ...(violations.length > 0 && { evidence }) };
  } catch (error) {
    return { trial, faults, seconds: 0, violations: [`the trial itself failed: ${String(error)}`], recoveries: [] };
  }
}

function lineOf(seed: string, { trial, faults, seconds, violations, evidence }: Outcome): string {
  const line = `${trial}: ${faults.join(' + ')}: ${seconds.toFixed(0)} s`;
  if (violations.length === 0) return line;
  const again = `  again: npm run chaos -- --seed ${seed} --only ${trial}${evidence ? `; its evidence: ${evidence}` : ''}`;
  return [line, ...violations.map((words) => `  ${words}`), again].join('\n');
}

run(command);
