// A run is ended from outside while it is at something: what cannot be taken back is told as it is, and nothing stands in the way of the next.
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { queues } from '../../src/domain/queues';
import { git, sound } from '../adapters/git/ground';
import { change, code, deployment, plan, specification, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { useMill } from './mill';
import { slow } from './slow';

const mill = useMill({ definitions: small });

const TEN_MINUTES_MS = 600_000;

const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
const project = (id: string) => ({ understand: [understanding()], plan: [plan({ [id]: [] })], deploy: [deployment()] });

const merges = (repository: string) => git(repository, 'rev-list', '--count', '--merges', '--first-parent', 'main');

describe('while the gate merges, a milestone that', () => {
  test('is abandoned is merged all the same, and says so', async () => {
    const door = slow();
    const run = await mill.milestone(script, { pipeline: 'quick', repository: door.repository });
    await run.approve();
    await door.reached();
    const said = await run.answered(() => run.say('abandon', { by: 'ada' }));
    expect(said).toMatchObject({ accepted: true, reason: expect.stringContaining('the merge which is under way') });
    door.letIn();

    expect(await run.result()).toMatchObject({ outcome: 'merged', commit: run.git('rev-parse', 'main') });
    expect((await run.status()).state).toBe('merged');
    expect(merges(run.repository)).toBe('1');
  });

  test('is cancelled is merged all the same, and says so', async () => {
    const door = slow();
    const run = await mill.milestone(script, { pipeline: 'quick', repository: door.repository });
    await run.approve();
    await door.reached();
    await run.handle.cancel();
    await pause(500);
    door.letIn();

    expect(await run.result()).toMatchObject({ outcome: 'merged', commit: run.git('rev-parse', 'main') });
    expect(merges(run.repository)).toBe('1');
    expect(sound(run.repository)).toBe('');
    await mill.keepHistory(run.id, 'milestone-cancelled-while-it-merges');
  });

  test('belongs to a project that is abandoned counts as merged in its result and its report', async () => {
    const door = slow();
    const run = await mill.project(
      { project: project('add'), add: script },
      { pipeline: 'quick', repository: door.repository },
    );
    await mill.milestoneOf(run, 'add').approve();
    await door.reached();
    await run.say('abandon', { by: 'ada', note: 'no budget' });
    await pause(500);
    expect((await run.handle.describe()).status.name).toBe('RUNNING');
    door.letIn();

    const result = await run.result<{ report: { path: string } }>();
    expect(result).toMatchObject({ outcome: 'abandoned', milestones: [{ id: 'add', state: 'merged' }] });
    expect(run.fromLedger(result.report.path, 'project')).toContain('1 of 1 milestones merged');
    expect(merges(run.repository)).toBe('1');
    await mill.keepHistory(run.id, 'project-abandoned-while-a-milestone-merges');
  });
});

test('a project that is reset waits for the milestone of its former life, says so, and goes on when that has ended, unless it is paused', async () => {
  let asked = 0;
  const specify = () => (++asked === 1 ? { silence: true as const } : specification());
  const once = project('add');
  const again = Object.fromEntries(Object.entries(once).map(([stage, [answer]]) => [stage, () => answer!]));
  const run = await mill.project({ project: again, add: { specify } }, { pipeline: 'solo' });
  await run.until(() => asked === 1, 'its milestone is at work');
  const { runId: former } = await run.status();
  await mill.reset(run);

  const { detail } = await run.untilItWaitsFor('milestones');
  expect(detail).toContain(`${run.id}/add is at work for an earlier run`);
  expect((await run.status()).runId).not.toBe(former);
  await run.say('pause', { by: 'ada' });
  await run.untilItWaitsFor('resume');
  await mill.milestoneOf(run, 'add').handle.cancel();
  await mill.milestoneOf(run, 'add').until(({ state }) => state === 'abandoned', 'it ends');

  const now = mill.client.workflow.getHandle(run.id);
  const tries = async () => {
    const { events } = await now.fetchHistory();
    return events!.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes).length;
  };
  const before = await tries();
  // It looks again at once, and is paused when it does.
  await mill.whileAway('workflows', async () => {
    for (const kind of ['resume', 'pause'] as const) await run.say(kind, { by: 'ada' });
  });
  await run.until(({ decisions: { accepted } }) => accepted === 3);
  expect(await tries()).toBe(before);
  await run.say('resume', { by: 'ada' });

  expect(await now.result()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'complete' }] });
  expect(asked).toBe(2);
});

test('a milestone that is cancelled on its own says to its project that it is over', async () => {
  const run = await mill.project({ project: project('add'), add: script }, { pipeline: 'quick' });
  const milestone = mill.milestoneOf(run, 'add');
  await milestone.untilItWaitsFor('approval');
  await milestone.handle.cancel();
  await run.until(({ milestones: [one] }) => one?.state === 'failed');
  const { events } = await run.handle.fetchHistory();
  const reports = events!.flatMap(({ workflowExecutionSignaledEventAttributes: said }) =>
    said?.signalName === 'milestoneReport' ? [said.input!.payloads![0]!.data!.toString()] : [],
  );
  expect(JSON.parse(reports.at(-1)!)).toMatchObject({ id: 'add', over: true });
  await mill.keepHistory(milestone.id, 'milestone-cancelled-on-its-own');
});

test('a milestone that is reset while its project is paused is paused from its beginning', async () => {
  const again = { implement: () => script.implement[0]!, tests: () => script.tests[0]! };
  const run = await mill.project({ project: project('add'), add: again }, { pipeline: 'quick' });
  const milestone = mill.milestoneOf(run, 'add');
  await milestone.untilItWaitsFor('approval');
  await run.say('pause', { by: 'ada' });
  const { runId: former } = await milestone.until(({ waitingFor }) => waitingFor?.for === 'resume');
  await mill.reset(milestone);
  await milestone.until(({ runId, stages }) => runId !== former && stages.length > 0);
  expect((await milestone.status()).waitingFor).toMatchObject({ for: 'resume' });
  await run.say('resume', { by: 'ada' });
  await milestone.untilItWaitsFor('approval');
  const asked = milestone.calls({ milestone: 'add', stage: 'implement' });
  expect(asked).toHaveLength(2);
  await mill.keepHistory(milestone.id, 'milestone-paused-before-it-began');
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});

test('a milestone whose project was terminated ends when it would next report to it', async () => {
  const run = await mill.project({ project: project('add'), add: script }, { pipeline: 'quick' });
  const milestone = mill.milestoneOf(run, 'add');
  await milestone.untilItWaitsFor('approval');
  await run.handle.terminate('a person did it');
  await milestone.approve();
  expect(await milestone.result()).toEqual({
    outcome: 'abandoned',
    reason: 'abandoned by millwright: its project has ended',
  });
  expect(merges(run.repository)).toBe('0');
});

test('a milestone whose project was terminated, and which waits, is ended by the schedule that workers set up, every ten minutes; others are not', async () => {
  const worker = await mill.startWorkerProcess('workflows');
  const janitor = mill.client.schedule.getHandle('millwright-janitor');
  const { spec, state, action, info } = await janitor.describe();
  expect({ spec, state, action }).toMatchObject({
    spec: { intervals: [{ every: expect.any(Number) }] },
    state: { paused: false, remainingActions: undefined },
    action: { type: 'startWorkflow', workflowType: 'tidyUp', taskQueue: queues.workflows },
  });
  expect(spec.intervals![0]!.every).toBeLessThanOrEqual(TEN_MINUTES_MS);
  // When it comes next, and after that, the server says itself.
  const times = info.nextActionTimes.map((at) => at.getTime());
  expect(times.length).toBeGreaterThan(1);
  for (const [at, time] of times.entries())
    expect(time - (times[at - 1] ?? Date.now())).toBeLessThanOrEqual(TEN_MINUTES_MS);
  const [left, other] = await Promise.all(
    [1, 2].map(() => mill.project({ project: project('add'), add: script }, { pipeline: 'quick' })),
  );
  const [milestone, kept] = [mill.milestoneOf(left!, 'add'), mill.milestoneOf(other!, 'add')];
  await milestone.untilItWaitsFor('approval');
  await kept.untilItWaitsFor('approval');
  await left!.handle.terminate('a person did it');
  await janitor.trigger();
  await expect(milestone.result()).rejects.toThrow(WorkflowFailedError);
  expect((await milestone.handle.describe()).status.name).toBe('CANCELLED');
  expect((await kept.status()).waitingFor).toMatchObject({ for: 'approval' });
  await other!.say('abandon', { by: 'ada' });
  expect(await other!.result()).toMatchObject({ outcome: 'abandoned' });
  await worker.stop();
});
