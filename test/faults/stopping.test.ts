// What is under way when somebody ends it, or tells the worker to end: it stops soon, it leaves nothing, and what is nearly done is finished.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Scenario, ScriptedAnswer } from '../../scripts/scripted-model/server';
import { readEvidence, type Fault } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged, type Judged } from '../../scripts/trial/judged';
import type { Plan, Victim } from '../../scripts/trial/trial';
import type { SandboxEntry } from '../../src/adapters/sandbox/logged';
import { door } from '../scenarios/door';
import { endRun, until } from './ending';
import { PATIENCE_MS } from './sweeping';

const names = ['silent', 'left', 'looping', 'draining'] as const;
let ground: Ground;
let trials: Record<(typeof names)[number], Promise<Judged>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround(names);
  beMorePatient(join(ground.definitions, 'models.yaml'));
  const started = names.map((name) => [name, judged(ground, { name, ...plans[name] })] as const);
  await Promise.allSettled(started.map(([, done]) => done));
  trials = Object.fromEntries(started) as typeof trials;
}, PATIENCE_MS);
afterAll(() => ground.close());

/** With a model that says nothing: it is to be the cancellation that ends its call. */
function beMorePatient(models: string): void {
  const [before, after] = ['totalSeconds: 60, idleSeconds: 20', 'totalSeconds: 240, idleSeconds: 120'];
  const written = readFileSync(models, 'utf8');
  expect(written).toContain(before);
  writeFileSync(models, written.replaceAll(before, after));
}

/** Of this artifact, in this turn or later, the model says this instead. */
const instead =
  (schema: string, turn: number, say: (as: ScriptedAnswer) => ScriptedAnswer | Promise<ScriptedAnswer>) =>
  (scenario: Scenario): Scenario =>
  async (call) => {
    const as = await scenario(call);
    return call.schema === schema && call.turn >= turn ? say(as) : as;
  };

const asked = (name: string, turn: number) => () =>
  ground.model.calls.some((call) => call.project === name && call.stage === 'specify' && call.turn === turn);

/** A run in a sandbox that has been under way for so long. */
function runsFor({ handle }: Victim, seconds: number): boolean {
  const log = join(ground.folder, handle.workflowId, 'sandbox.jsonl');
  if (!existsSync(log)) return false;
  const last = entriesIn(log).at(-1);
  return last?.event === 'began' && Date.now() - Date.parse(last.at) > seconds * 1000;
}

const entriesIn = (log: string): SandboxEntry[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SandboxEntry);

const tidyUp = ({ handle }: Victim): Promise<void> =>
  new Client({ connection: ground.connection, namespace: handle.workflowId }).schedule
    .getHandle('millwright-janitor')
    .trigger();

// What is promised of an idle machine, and 25 s are a worker's grace of 20 and five more. Here other trials are under way, and what
// is stalled with them is late by tens of seconds; where nobody heeds it, a silent model is waited for and a run in a sandbox goes
// on for two minutes.
const PROMISED_SECONDS = { dead: 20, ended: 25 };
const STALLED = 4;
const TOLD = 'told to end';

const since = (faults: readonly Fault[], fault: string, at: string | number): number =>
  (new Date(at).getTime() - Date.parse(faults.find(({ what }) => what === fault)!.at)) / 1000;

const silence = () => ({ silence: true as const });
const told = door();
const LOOP = "require('node:test').test('never ends', () => { for (;;); });\n";

const plans: Record<(typeof names)[number], Omit<Plan, 'name'>> = {
  silent: {
    says: instead('Specification', 2, silence),
    async suffers(victim) {
      await until(asked('silent', 2), victim.over);
      await endRun(victim, 'cancel');
    },
  },
  left: {
    says: instead('Specification', 2, silence),
    async suffers(victim) {
      await until(asked('left', 2), victim.over);
      process.kill(victim.worker.pid(), 'SIGKILL');
      await endRun(victim, 'terminate');
      await tidyUp(victim);
    },
  },
  looping: {
    says: instead('TestSuite', 1, (as) => {
      const { json } = as as { json: { files: { path: string; content: string }[] } };
      return { json: { ...json, files: json.files.map((file) => ({ ...file, content: LOOP })) } };
    }),
    async suffers(victim) {
      await until(() => runsFor(victim, 5), victim.over);
      await endRun(victim, 'cancel');
    },
  },
  draining: {
    says: instead('Specification', 2, (as) => told.opened.then(() => as)),
    async suffers({ worker, struck, over }) {
      await until(asked('draining', 2), over);
      process.kill(worker.pid(), 'SIGTERM');
      struck(TOLD);
      // Long enough for it to hear of that; the rest of its grace is for what a slow machine needs.
      await pause(1_000);
      told.open();
    },
  },
};

test('a call that is cancelled while its model says nothing leaves none of its turns', async () => {
  const { violations, hung, folder, faults } = await trials.silent;
  expect({ violations, hung }).toEqual({ violations: [], hung: false });
  const { runs, calls } = readEvidence(folder);
  expect(runs.map(({ closing }) => closing?.how)).toEqual(['canceled']);
  expect(calls.map(({ turn, outcome }) => `${turn} ${outcome}`)).toEqual(['1 answered', '2 aborted']);
  const { at, ms } = calls[1]!;
  const seconds = since(faults, 'cancel', Date.parse(at) + ms);
  process.stdout.write(`the call was over ${seconds.toFixed(1)} s after the cancellation\n`);
  expect(seconds).toBeLessThan(STALLED * PROMISED_SECONDS.dead);
});

test('of a run that was terminated when no worker lived, the janitor takes away what is left', async () => {
  const { violations, hung, folder, faults } = await trials.left;
  expect({ violations, hung }).toEqual({ violations: [], hung: false });
  expect(readEvidence(folder).runs.map(({ closing }) => closing?.how)).toEqual(['terminated']);
  expect(faults.map(({ what }) => what)).toContain('worker ended: SIGKILL');
});

test('a sandbox that a cancelled run has under way is dead soon', async () => {
  const { violations, hung, folder, faults } = await trials.looping;
  expect({ violations, hung }).toEqual({ violations: [], hung: false });
  const { sandbox } = readEvidence(folder);
  const { at, event } = sandbox.at(-1)!;
  const seconds = since(faults, 'cancel', at);
  process.stdout.write(`the sandbox was dead ${seconds.toFixed(1)} s after the cancellation\n`);
  expect(event).not.toBe('began');
  // Left to itself each of its runs would go on for the two minutes that it may, and there is more than one.
  expect(sandbox.filter((entry) => entry.event === 'ended' && entry.stopped === 'wall')).toEqual([]);
  expect(seconds).toBeLessThan(STALLED * PROMISED_SECONDS.dead);
});

test('a worker that is told to end finishes what it has under way, ends well, and no attempt fails', async () => {
  const { violations, hung, folder, faults } = await trials.draining;
  expect({ violations, hung }).toEqual({ violations: [], hung: false });
  expect(faults.map(({ what }) => what)).toEqual([TOLD, 'worker ended: exit code 0']);
  const seconds = since(faults, TOLD, faults[1]!.at);
  process.stdout.write(`the worker had ended ${seconds.toFixed(1)} s after it was told to\n`);
  expect(seconds).toBeLessThan(STALLED * PROMISED_SECONDS.ended);
  const { runs } = readEvidence(folder);
  expect(runs.map(({ closing }) => closing?.how)).toEqual(['completed']);
  expect(runs.flatMap(({ activities }) => activities.filter(({ attempts }) => attempts !== 1))).toEqual([]);
});
