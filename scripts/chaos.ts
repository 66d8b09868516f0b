// npm run chaos -- --trials N --seed S: deliveries that suffer two faults each, chosen by chance that the seed repeats; each is
// checked against FAULTS.md's invariants, and what failed can be run again by its number.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { stageNames } from '../src/domain/pipeline';
import { Ended, exitCodes } from './cli/exit-codes';
import { safeJson } from './cli/safe-text';
import { run, verb, whole } from './cli/verb';
import { loadPipelines, ROOT } from './docs/definitions';
import { closeOnSignal } from './stack/processes';
import { faultKinds, planOf, twoOf } from './trial/faults';
import type { FaultKind } from './trial/faults/kind';
import { openGround, type Ground } from './trial/ground';
import { inTurn } from './trial/in-turn';
import { judged } from './trial/judged';
import { randomFrom } from './trial/random';
import { openRecord } from './trial/record';
import { serverMakers } from './trial/server-under-test';
import { tableLines, type Outcome } from './trial/table';

type Options = {
  trials: number;
  seed: string;
  server: string;
  only?: number;
  minutes?: number;
  parallel: number;
  record?: string;
  json?: boolean;
};
type Drawing = { seed: string; commit: string; kinds: readonly FaultKind[]; stages: string[] };

const command = verb({
  name: 'chaos',
  does: 'Delivers milestones and projects against a Temporal server of their own while workers, their machines, the network, the server, its database, the model and its answers fail: two faults in each, chosen by the seed. Checks every finished trial against the invariants, and prints a table of faults, recoveries and violations. What is broken is kept, and can be run again.',
  examples: [
    '--trials 20',
    '--trials 300 --seed 1 --record chaos-1.jsonl --minutes 60',
    '--trials 300 --seed 1 --server postgres',
    '--seed 1 --only 17',
  ],
})
  .option('--trials <number>', 'how many', whole, 20)
  .option('--seed <text>', 'what chance begins with', '1')
  .addOption(
    new Option('--server <which>', "Temporal's development server, or its own one on PostgreSQL")
      .choices(Object.keys(serverMakers))
      .default('development'),
  )
  .option('--only <number>', 'this trial of the seed alone', whole)
  .option('--minutes <number>', 'begins no trial after that time', whole)
  .option('--parallel <number>', 'trials at once', whole, 3 * availableParallelism())
  .addOption(
    new Option('--record <file>', 'puts each trial down there, and goes on after those that it finds').conflicts(
      'only',
    ),
  )
  .option('--json', 'prints { server, seed, leftOut, outcomes } for a program')
  .action(chaos);

async function chaos(options: Options): Promise<void> {
  const { trials, seed, server, only, minutes = Infinity, parallel, json } = options;
  // Told to end, it ends: Temporal's runtime would end its own workers, and leave the rest to go on.
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const commit = commitTried();
  const { outcomes, add } = openRecord(options.record, { seed, server });
  const done = new Set(outcomes.map(({ trial }) => trial));
  const all = only === undefined ? Array.from({ length: trials }, (_, at) => at + 1) : [only];
  const numbers = all.filter((trial) => !done.has(trial));
  const ground = await openGround(numbers.map(nameOf), serverMakers[server]);
  let toldToEnd = false;
  closeOnSignal(() => {
    toldToEnd = true;
    return ground.close();
  });
  const { kinds, leftOut } = faultKinds(ground.server.database !== undefined);
  const stages = stageNames(loadPipelines().find(({ name }) => name === 'milestone')!);
  try {
    const late = Date.now() + minutes * 60_000;
    const begin = async (trial: number) =>
      Date.now() < late ? oneTrial(ground, { seed, commit, kinds, stages }, trial) : undefined;
    await inTurn(numbers, { atOnce: parallel, over: () => toldToEnd }, begin, (outcome) => {
      if (outcome === undefined) return;
      add(outcome);
      console.error(lineOf(outcome, `npm run chaos -- --server ${server} --seed ${seed} --only ${outcome.trial}`));
    });
  } finally {
    await ground.close();
  }
  if (toldToEnd) return;
  const report = { server: ground.server.name, seed, leftOut, outcomes };
  console.log(json ? safeJson(report) : tableLines(report).join('\n'));
  const broken = outcomes.filter(({ violations }) => violations.length > 0).length;
  if (broken > 0) throw new Ended(exitCodes.failed, `${broken} of ${outcomes.length} trials broke what is promised.`);
}

const nameOf = (trial: number): string => `chaos-${trial}`;

async function oneTrial(ground: Ground, drawing: Drawing, trial: number): Promise<Outcome> {
  const random = randomFrom(`${drawing.seed}/${trial}`);
  const kinds = twoOf(drawing.kinds, random);
  const plan = planOf(nameOf(trial), kinds, random, drawing.stages);
  const delivered = plan.milestones === undefined ? 'a milestone' : `a project of ${plan.milestones}`;
  const about = { trial, commit: drawing.commit, delivered, faults: kinds.map(({ name }) => name) };
  try {
    const { folder, violations, seconds, recoveries } = await judged(ground, plan);
    return { ...about, seconds, violations, recoveries, ...(violations.length > 0 && { evidence: kept(folder) }) };
  } catch (error) {
    return { ...about, seconds: 0, violations: [`the trial itself failed: ${String(error)}`], recoveries: [] };
  }
}

function kept(folder: string): string {
  const evidence = mkdtempSync(join(tmpdir(), 'millwright-chaos-'));
  cpSync(folder, evidence, { recursive: true });
  return evidence;
}

function lineOf({ trial, delivered, faults, seconds, violations, evidence }: Outcome, again: string): string {
  const line = `${trial}: ${delivered}: ${faults.join(' + ')}: ${seconds.toFixed(0)} s`;
  if (violations.length === 0) return line;
  const where = `  again: ${again}${evidence ? `; its evidence: ${evidence}` : ''}`;
  return [line, ...violations.map((words) => `  ${words}`), where].join('\n');
}

/** What is not committed cannot be had again from a commit. */
function commitTried(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown: this is no checkout';
  }
}

run(command);
