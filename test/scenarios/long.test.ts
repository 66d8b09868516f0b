// A run that is too long for one history goes on in the next: with what waits for a person, its milestones, its counts and its budget.
// The server here takes a fiftieth of what others take, and says so from the 82nd event on.
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { inboxOf } from '../../scripts/cli/inbox';
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import { createHistoryActivities } from '../../src/activities/histories';
import { bare } from '../adapters/git/ground';
import { change, code, deployment, plan, specification, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { costs, dear } from './dear';
import type { Delivery } from './delivery';
import { circling, circlingFor, crowded, largestPayload } from './long';
import { useMill } from './mill';
import { once } from './once';
import type { Script } from './script';

const mill = useMill({ definitions: { ...small, ...circling, ...dear }, settings: crowded });
const WORDS = 110;

const quick = (name: string, costing = (answer: ScriptedAnswer) => answer): Script => ({
  implement: [costing(change(code(name)))],
  tests: [costing(suite(testing(name)))],
});
async function histories({ id }: Delivery): Promise<WorkflowExecutionInfo[]> {
  return listed(`WorkflowId = '${id}'`);
}

async function listed(query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of mill.client.workflow.list({ query })) found.push(info);
  return found;
}

async function furtherThan(run: Delivery, length: number) {
  const found = await once(
    () => histories(run),
    (all) => all.length > length,
  );
  expect(found.length).toBeGreaterThan(length);
}

/** How many seconds it set out to wait, each time, once that were so many times. */
async function timers(run: Delivery, least: number): Promise<number[]> {
  const look = async () => {
    const { events } = await run.handle.fetchHistory();
    return events!.flatMap(({ timerStartedEventAttributes: started }) =>
      started ? Number(started.startToFireTimeout!.seconds) : [],
    );
  };
  const found = await once(look, ({ length }) => length >= least);
  expect(found.length).toBeGreaterThanOrEqual(least);
  return found;
}

/** More words than a history here takes, and none that counts. */
async function talk(run: Delivery) {
  for (let times = 0; times < WORDS; times++) await run.say('approve', { subject: 'f'.repeat(40), by: 'eve' });
}

/** With words that count for nothing, until there is another one. */
async function fillHistory(run: Delivery) {
  const { length } = await histories(run);
  const { decisions } = await run.status();
  await talk(run);
  const now = await run.until(({ decisions: { refused } }) => refused === decisions.refused + WORDS);
  await furtherThan(run, length);
  return now;
}

/** As the server does it with a history that is past its retention. */
async function forget(workflowExecution: { workflowId: string; runId: string }) {
  const { workflow, workflowService } = mill.client;
  const { workflowId, runId } = workflowExecution;
  await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
  const describe = () => workflow.getHandle(workflowId, runId).describe();
  for (let isKept = true; isKept; await pause(100)) isKept = await describe().then(Boolean, () => false);
}

test('a project has one identity in all of its histories, and carries its milestones, open approvals and counts', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const repository = bare({ 'README.md': '# Sums\n' });
  const needs = { a: [], b: [], c: [], d: ['c'], e: ['d'] };
  const scripts = {
    project: { understand: [understanding()], plan: [plan(needs)], deploy: [deployment()] },
    ...Object.fromEntries(names.map((name) => [name, quick(name)])),
  };
  const run = await mill.project(scripts, { repository, pipeline: 'quick', maxParallel: 3 });
  const { runId, startedAt } = await run.until(({ milestones }) => milestones.length === 5);

  // Two wait for a person all the while; the others come and go, until the history is full more than once.
  const left = [mill.milestoneOf(run, 'a'), mill.milestoneOf(run, 'b')] as const;
  const subjects = await Promise.all(left.map(async (one) => (await one.untilItWaitsFor('approval')).subject!));
  for (const name of ['c', 'd', 'e']) await mill.milestoneOf(run, name).approve();
  await run.until(({ milestones }) => milestones.filter(({ state }) => state === 'merged').length === 3);
  await furtherThan(run, 1);
  const now = await run.status();
  expect(now).toMatchObject({ runId, startedAt, kind: 'project' });
  const waits = now.milestones.filter(({ waitingFor }) => waitingFor?.for === 'approval');
  expect(waits.map(({ id, waitingFor }) => [id, waitingFor!.subject])).toEqual([
    ['a', subjects[0]],
    ['b', subjects[1]],
  ]);

  const inbox = await once(
    async () => inboxOf(await listed("ExecutionStatus = 'Running'")),
    ([entry, ...others]) => others.length === 0 && entry?.waitsFor.length === 2,
  );
  expect(inbox.map(({ waitsFor }) => waitsFor.map(({ id }) => id).sort())).toEqual([[`${run.id}/a`, `${run.id}/b`]]);

  // Said to the project, it still reaches those whom an earlier history has started.
  for (const subject of subjects) await run.say('approve', { subject, by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'complete' });
  const { milestones, usage, decisions } = await run.status();
  expect(milestones.map(({ state }) => state)).toEqual(names.map(() => 'merged'));
  expect(usage.calls).toBe(run.calls().length);
  expect(run.calls()).toHaveLength(3 + 2 * names.length);
  expect(decisions).toMatchObject({ accepted: 2, refused: 0 });
  expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('5');
  await mill.keepHistory(run.id, 'project-in-a-further-history');
});

test('a milestone of many rounds does each of them once, and hears each word of a person', async () => {
  const rounds = 23;
  const run = await mill.milestone(circlingFor(rounds), { pipeline: 'circling' });
  await run.untilItWaitsFor('guidance');
  await run.say('guide', { by: 'ada', note: 'go on' });
  expect(await run.result()).toMatchObject({ outcome: 'complete' });
  await furtherThan(run, 3);
  const asked = (stage: string) => run.calls({ stage }).map(({ iteration }) => iteration);
  const each = Array.from({ length: rounds }, (_, at) => at + 1);
  expect(asked('implement')).toEqual(each);
  expect(asked('review')).toEqual(each);
  expect(run.prompt('implement', rounds)).toContain('go on');
  const { usage, stages, decisions } = await run.status();
  expect(usage.calls).toBe(2 * rounds);
  expect(stages.map(({ iteration }) => iteration)).toEqual([rounds, rounds, rounds]);
  expect(decisions.accepted).toBe(1);
  await mill.keepHistory(run.id, 'milestone-in-a-further-history');
});

test('a person who was asked is still asked, for the same, after thousands of words that count for nothing', async () => {
  const run = await mill.milestone(
    { implement: [change(code('add'))], tests: [suite(testing('add'))] },
    { pipeline: 'quick' },
  );
  const { subject } = await run.untilItWaitsFor('approval');
  const { waitingFor, decisions } = await fillHistory(run);
  expect(waitingFor).toMatchObject({ for: 'approval', subject });
  expect(decisions.accepted).toBe(0);
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(run.calls()).toHaveLength(2);
});

test('an approval that comes before anything else in a further history counts', async () => {
  const run = await mill.milestone(quick('add'), { pipeline: 'quick' });
  const { subject } = await run.untilItWaitsFor('approval');
  await fillHistory(run);
  await mill.whileAway('workflows', async () => {
    await run.say('approve', { subject, by: 'ada' });
    await mill.reset(run);
  });
  await run.until(({ state }) => state === 'merged');
  expect(run.calls()).toHaveLength(2);
  await mill.keepHistory(run.id, 'milestone-approved-at-the-start-of-a-further-history');
});

test('a project that waits for money goes on waiting, and spends what it gets; told to end, it ends its milestones', async () => {
  const scripts = {
    project: { understand: [costs(understanding())], plan: [costs(plan({ a: [], b: [] }))] },
    ...{ a: quick('a', costs), b: quick('b', costs) },
  };
  const run = await mill.project(scripts, { pipeline: 'quick', budget: 3 });
  const spent = (usd: number) => run.until(({ budget }) => budget?.spentUsd === usd && budget.reservedUsd === 0);
  await spent(3);
  await fillHistory(run);
  expect((await run.status()).waitingFor).toMatchObject({ for: 'budget' });
  expect(run.calls()).toHaveLength(3);

  await run.say('budget', { usd: 6, by: 'ada' });
  await spent(6);
  expect(run.calls()).toHaveLength(6);
  await fillHistory(run);
  await fillHistory(mill.milestoneOf(run, 'a'));
  await run.handle.cancel();
  await expect(run.result()).rejects.toThrow();
  for (const name of ['a', 'b'])
    expect((await mill.milestoneOf(run, name).handle.describe()).status.name).toBe('CANCELLED');
});

test('money that comes in the moment in which a history ends reaches those who wait for it', async () => {
  const scripts = {
    project: {
      understand: [costs(understanding())],
      plan: [costs(plan({ a: [], b: [] }))],
      deploy: [costs(deployment())],
    },
    ...{ a: quick('a', costs), b: quick('b', costs) },
  };
  const run = await mill.project(scripts, { pipeline: 'quick', budget: 2 });
  const waits = ({ waitingFor }: { waitingFor?: { for: string } }) => waitingFor?.for === 'budget';
  await run.until(({ milestones }) => milestones.length === 2 && milestones.every(waits));
  await mill.whileAway('workflows', async () => {
    await talk(run);
    await run.say('budget', { usd: 7, by: 'ada' });
  });
  await run.until(({ budget }) => budget?.spentUsd === 6 && budget.reservedUsd === 0);
  await furtherThan(run, 1);
  expect(await run.delivered()).toMatchObject({ outcome: 'complete' });
});

test('a cancellation that comes in the moment in which a history ends is obeyed, by milestones and projects', async () => {
  const run = await mill.project(
    { project: { understand: [understanding()], plan: [plan({ a: [], b: [] })] }, ...{ a: quick('a'), b: quick('b') } },
    { pipeline: 'quick' },
  );
  const alone = await mill.milestone(quick('add'), { pipeline: 'quick' });
  const [a, b] = [mill.milestoneOf(run, 'a'), mill.milestoneOf(run, 'b')];
  for (const one of [alone, a, b]) await one.untilItWaitsFor('approval');
  await mill.whileAway('workflows', async () => {
    for (const one of [run, alone]) {
      await talk(one);
      await one.handle.cancel();
    }
  });
  for (const one of [run, alone, a, b]) await one.until(({ state }) => state === 'abandoned');
  for (const one of [run, alone]) await expect(one.result()).rejects.toThrow();
  for (const one of [run, alone]) expect(await histories(one)).toHaveLength(1);
});

test('a wait for money that comes as a history begins is not shown any more', async () => {
  const scripts = {
    project: { understand: [costs(understanding())], plan: [costs(plan({ a: [] }))] },
    a: quick('a', costs),
  };
  const run = await mill.project(scripts, { pipeline: 'quick', budget: 2 });
  await mill.milestoneOf(run, 'a').untilItWaitsFor('budget');
  await fillHistory(run);
  // Begun once more, its history has the sum from its first task on.
  await mill.whileAway('workflows', async () => {
    await run.say('budget', { usd: 7, by: 'ada' });
    await mill.reset(run);
  });
  await run.until(({ budget }) => budget?.spentUsd === 4 && budget.reservedUsd === 0);
  expect((await run.status()).waitingFor).toBeUndefined();
  await run.say('abandon', { by: 'ada' });
});

test('a milestone in a further history is still heard, and still ended, by the project that began it', async () => {
  const scripts = {
    project: { understand: [understanding()], plan: [plan({ a: [], b: [] })] },
    ...{ a: quick('a'), b: quick('b') },
  };
  const run = await mill.project(scripts, { pipeline: 'quick' });
  const [a, b] = [mill.milestoneOf(run, 'a'), mill.milestoneOf(run, 'b')];
  for (const milestone of [a, b]) {
    await milestone.untilItWaitsFor('approval');
    await fillHistory(milestone);
  }
  await a.approve();
  await run.until(({ milestones: [first] }) => first?.state === 'merged');
  await run.handle.cancel();
  await expect(run.result()).rejects.toThrow();
  expect((await b.handle.describe()).status.name).toBe('CANCELLED');
});

test('a run that waits for a credential looks rarely once its history is long, and at once when it is told to', async () => {
  let locked = true;
  const refused = { status: 401, body: { error: { message: 'no such key', code: 'invalid_api_key' } } };
  const run = await mill.milestone({ specify: () => (locked ? refused : specification()) }, { pipeline: 'solo' });
  expect(await timers(run, 1)).toEqual([30]);
  const LOOKS = 15;
  for (let looks = 1; looks < LOOKS; looks++) {
    await run.say('resume', { by: 'ada' });
    await timers(run, looks + 1);
  }
  const waits = await timers(run, LOOKS);
  expect(waits.slice(0, 3)).toEqual([30, 120, 600]);
  expect(waits.slice(-3)).toEqual([21_600, 21_600, 21_600]);
  expect((await run.status()).waitingFor).toMatchObject({ for: 'credentials' });
  locked = false;
  await run.say('resume', { by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'complete' });
});

test('a milestone whose first history the server keeps no more, or which was reset, is merged for its project as well', async () => {
  const scripts = {
    project: { understand: [understanding()], plan: [plan({ a: [], b: [] })], deploy: [deployment()] },
    ...{ a: quick('a'), b: quick('b') },
  };
  const run = await mill.project(scripts, { pipeline: 'quick' });
  const [a, b] = [mill.milestoneOf(run, 'a'), mill.milestoneOf(run, 'b')];
  for (const milestone of [a, b]) await milestone.untilItWaitsFor('approval');
  const { runId } = await a.status();
  for (const one of [run, a]) await fillHistory(one);
  await forget({ workflowId: a.id, runId });
  await mill.reset(b, 'LastWorkflowTask');
  for (const milestone of [a, b]) await milestone.approve();
  const { milestones } = await run.until((now) => now.milestones.every(({ state }) => state !== 'running'));
  expect(milestones.map(({ state }) => state)).toEqual(['merged', 'merged']);
  expect(await run.result()).toMatchObject({ outcome: 'complete' });

  const { lookAtRun } = createHistoryActivities();
  const look = new MockActivityEnvironment({}, { client: mill.client }).run(lookAtRun, { workflowId: 'gone', runId });
  expect(await look).toEqual({ over: true, reason: 'the server keeps it no more' });
});

test('every one of these histories replays, and none holds a payload over 256 kB', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
  for (const { history } of await mill.histories()) expect(largestPayload(history)).toBeLessThan(256_000);
});
