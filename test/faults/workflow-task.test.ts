// A worker dies with the next step of a workflow in its hands, or just before it would have got it: what it remembered of the run is
// gone with it, and another worker goes on from the history.
import type { RunningProcess } from '../../scripts/stack/processes';
import type { HistoryEvent } from '../../scripts/trial/history';
import { isFrozen } from '../../scripts/trial/processes';
import { BOUND_SECONDS } from '../../scripts/trial/recovery';
import { sound } from '../adapters/git/ground';
import { change, code, suite, test as testing } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import type { Delivery } from '../scenarios/delivery';
import { kill, useMill } from '../scenarios/mill';
import { until } from '../until';

const mill = useMill({ definitions: small, workers: [] });
const EVERY_QUEUE = 'workflows,agents,sandbox,gate';
const PATIENCE_MS = 240_000;
const RUNS = 3;

/** They wait for a person, one worker remembers them all, and another one stands by that has never heard of them. */
async function awaited() {
  const first = await mill.startWorkerProcess(EVERY_QUEUE);
  const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
  const runs = await Promise.all(Array.from({ length: RUNS }, () => mill.milestone(script, { pipeline: 'quick' })));
  const approvals = await Promise.all(
    runs.map(async (run) => {
      const { subject } = await run.untilItWaitsFor('approval');
      return { run, approve: () => run.say('approve', { subject, by: 'ada' }) };
    }),
  );
  const approveAll = () => Promise.all(approvals.map(({ approve }) => approve()));
  return { first, second: await mill.startWorkerProcess(EVERY_QUEUE), runs, approveAll };
}

/** What became of the workflow's tasks since the approval came, up to the first that was completed. */
async function tasksOf(run: Delivery): Promise<{ tasks: Task[]; seconds: number }> {
  const { events } = JSON.parse(await mill.history(run.id)) as { events: (HistoryEvent & Record<string, Told>)[] };
  const said = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'approve');
  const [signal, ...since] = events.slice(said);
  const done = since.findIndex(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_COMPLETED'));
  const tasks = since.slice(0, done === -1 ? undefined : done + 1).map((event) => ({
    what: event.eventType.replace('EVENT_TYPE_WORKFLOW_TASK_', ''),
    by: event.workflowTaskStartedEventAttributes?.identity?.split('@')[0],
    late: event.workflowTaskTimedOutEventAttributes?.timeoutType?.replace('TIMEOUT_TYPE_', ''),
  }));
  return { tasks, seconds: (Date.parse(since[done]?.eventTime ?? '') - Date.parse(signal!.eventTime)) / 1000 };
}

type Told = { signalName?: string; identity?: string; timeoutType?: string };
type Task = { what: string; by?: string; late?: string };

/** Of half of the runs, as a busy machine may be late with one. All are merged once, by the other worker, and nobody is asked anew. */
async function mergedInTime(runs: readonly Delivery[], by: RunningProcess): Promise<Task[][]> {
  for (const run of runs) {
    expect(await run.result()).toMatchObject({ outcome: 'merged', approvedBy: 'ada' });
    expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('1');
    expect(run.calls().map(({ outcome }) => outcome)).toEqual(['answered', 'answered']);
    expect(sound(run.repository)).toBe('');
  }
  const all = await Promise.all(runs.map(tasksOf));
  const seconds = all.map((one) => one.seconds).sort((a, b) => a - b);
  process.stdout.write(`went on after ${seconds.join(', ')} s; promised are ${BOUND_SECONDS}\n`);
  expect(seconds[Math.floor(seconds.length / 2)]).toBeLessThanOrEqual(BOUND_SECONDS);
  for (const { tasks } of all)
    expect(tasks.slice(-2)).toMatchObject([{ what: 'STARTED', by: `${by.pid}` }, { what: 'COMPLETED' }]);
  return all.map(({ tasks }) => tasks);
}

test('a task of a workflow that is begun and dies with its worker is done by another one, from the history', async () => {
  const { first, second, runs, approveAll } = await awaited();
  // What Temporal gives it from now on it has, and does nothing with.
  process.kill(first.pid, 'SIGSTOP');
  await until(() => isFrozen(first.pid), PATIENCE_MS);
  await approveAll();
  const isBegun = async (run: Delivery) => (await tasksOf(run)).tasks.some(({ by }) => by !== undefined);
  for (const run of runs) await until(() => isBegun(run), PATIENCE_MS);
  await kill(first);

  const all = await mergedInTime(runs, second);
  // The other one may have been quicker to take one or another: they are not what is tried here.
  const struck = all.filter((tasks) => tasks.some(({ by }) => by === `${first.pid}`));
  expect(struck).not.toEqual([]);
  for (const tasks of struck) expect(tasks).toContainEqual(expect.objectContaining({ late: 'START_TO_CLOSE' }));
  await second.stop();
});

test('a word to a run whose worker has just died is heard by another one, though Temporal kept the task for the dead', async () => {
  const { first, second, runs, approveAll } = await awaited();
  await kill(first);
  await approveAll();

  const late = (await mergedInTime(runs, second)).flat().flatMap((task) => task.late ?? []);
  expect(late).toContain('SCHEDULE_TO_START');
  await second.stop();
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
