// Workers come and go: what is asked for while there are none waits for them, and who is told to end finishes first what it has under way.
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningProcess } from '../../scripts/stack/processes';
import type { ScriptedAnswer, ScriptedCall } from '../../scripts/scripted-model/server';
import { sound } from '../adapters/git/ground';
import { until } from '../until';
import { change, code, suite, test as testing } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { door } from './door';
import { circling, circlingFor } from './long';
import { kill, useMill } from './mill';
import { silentOnce, type Script } from './script';

const mill = useMill({ definitions: { ...small, ...circling }, workers: [] });
const EVERY_QUEUE = 'workflows,agents,sandbox,gate';
const PATIENCE_MS = 240_000;

let serving: RunningProcess[] = [];
const start = async (...queues: string[]) => {
  serving = [...serving, ...(await Promise.all(queues.map((listed) => mill.startWorkerProcess(listed))))];
};
afterEach(() => Promise.all(serving.splice(0).map(kill)));

const quick = (implement: Script[string] = [change(code('add'))]) =>
  mill.milestone({ implement, tests: [suite(testing('add'))] }, { pipeline: 'quick' });

test('what was under way when the last worker died, and what is asked for while there is none, is all merged and done once', async () => {
  await start('workflows,gate', 'agents,sandbox');
  const silent = [1, 2].map(() => silentOnce(change(code('add'))));
  const cut = await Promise.all(silent.map(({ say }) => quick(say)));
  const waiting = await quick();
  const { subject } = await waiting.untilItWaitsFor('approval');
  await Promise.all(silent.map(({ reached }) => reached));
  await Promise.all(cut.map((run) => until(() => run.calls({ stage: 'tests' }).length === 1, PATIENCE_MS)));
  await Promise.all(serving.splice(0).map(kill));

  await waiting.say('approve', { subject, by: 'ada' });
  const late = await Promise.all([1, 2, 3, 4].map(() => quick()));
  for (const run of late) expect((await run.handle.describe()).historyLength).toBe(2);

  await start('workflows,gate', 'agents,sandbox');
  const runs = [...cut, waiting, ...late];
  await Promise.all([...cut, ...late].map((run) => run.approve()));
  const merged = await Promise.all(runs.map((run) => run.result()));
  expect(merged.map(({ outcome }) => outcome)).toEqual(runs.map(() => 'merged'));
  expect(runs.map(outcomes)).toEqual(
    runs.map((run) => [...(cut.includes(run) ? ['aborted'] : []), 'answered', 'answered']),
  );
  for (const run of runs) {
    const answered = run.calls().filter(({ outcome }) => outcome === 'answered');
    expect(answered.map(({ stage }) => stage).sort()).toEqual(['implement', 'tests']);
    expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('1');
    expect(sound(run.repository)).toBe('');
  }
});

const outcomes = (run: Delivery) =>
  run
    .calls()
    .map(({ outcome }) => outcome)
    .sort();

test('while a run goes on its workers are told to end, one after the other and twice each: all end well, and nothing is tried twice', async () => {
  const doors = [1, 2, 3, 4].map(() => door());
  const script = circlingFor(doors.length) as Record<string, (call: ScriptedCall) => ScriptedAnswer>;
  const implement = async (call: ScriptedCall) => {
    await doors[call.iteration - 1]!.opened;
    return script.implement!(call);
  };
  await start(EVERY_QUEUE, EVERY_QUEUE);
  const run = await mill.milestone({ ...script, implement }, { pipeline: 'circling' });
  for (const [before, { open }] of doors.entries()) {
    await until(() => run.calls({ stage: 'implement', iteration: before + 1 }).length === 1, PATIENCE_MS);
    // Of each two, first the one that has the call.
    const leaving = before % 2 === 0 ? await workerOf(run) : serving[0]!;
    process.kill(leaving.pid, 'SIGTERM');
    // Time to hear of that; what is left of its grace is for what a slow machine needs.
    await pause(1_000);
    open();
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    serving = serving.filter((one) => one !== leaving);
    await start(EVERY_QUEUE);
  }

  expect(await run.result()).toEqual({ outcome: 'complete' });
  const { events } = await run.handle.fetchHistory();
  const attempts = events!.flatMap(({ activityTaskStartedEventAttributes: began }) => (began ? [began.attempt] : []));
  expect(attempts.length).toBeGreaterThan(3 * doors.length);
  expect(attempts.filter((attempt) => attempt !== 1)).toEqual([]);
  expect(outcomes(run)).toEqual(Array(2 * doors.length).fill('answered'));
});

/** The one that has its call of an agent. */
async function workerOf({ handle }: Delivery): Promise<RunningProcess> {
  const { raw } = await handle.describe();
  const [pending, ...others] = raw.pendingActivities!;
  expect(others).toEqual([]);
  return serving.find(({ pid }) => pending!.lastWorkerIdentity!.startsWith(`${pid}@`))!;
}

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
