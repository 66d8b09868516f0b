// A run that is too long for one history goes on in the next: with what waits for a person, its milestones, its counts and its budget.
// The server here takes a fiftieth of what others take, and says so from the 82nd event on.
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { inboxOf } from '../../scripts/cli/inbox';
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import { bare } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { costs, dear } from './dear';
import type { Delivery } from './delivery';
import { circling, circlingFor, crowded, largestPayload } from './long';
import { useMill } from './mill';
import type { Script } from './script';

const mill = useMill({ definitions: { ...small, ...circling, ...dear }, settings: crowded });

const quick = (name: string, costing = (answer: ScriptedAnswer) => answer): Script => ({
  implement: [costing(change(code(name)))],
  tests: [costing(suite(testing(name)))],
});
const histories = async ({ id }: Delivery) => (await mill.histories()).filter(({ workflowId }) => workflowId === id);

/** With words that count for nothing, until there is another one. */
async function fillHistory(run: Delivery) {
  const { length } = await histories(run);
  const { decisions } = await run.status();
  for (let times = 0; times < 110; times++) await run.say('approve', { subject: 'f'.repeat(40), by: 'eve' });
  const now = await run.until(({ decisions: { refused } }) => refused === decisions.refused + 110);
  expect((await histories(run)).length).toBeGreaterThan(length);
  return now;
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
  expect((await histories(run)).length).toBeGreaterThan(1);
  const now = await run.status();
  expect(now).toMatchObject({ runId, startedAt, kind: 'project' });
  const waits = now.milestones.filter(({ waitingFor }) => waitingFor?.for === 'approval');
  expect(waits.map(({ id, waitingFor }) => [id, waitingFor!.subject])).toEqual([
    ['a', subjects[0]],
    ['b', subjects[1]],
  ]);

  const listed: WorkflowExecutionInfo[] = [];
  for await (const info of mill.client.workflow.list({ query: "ExecutionStatus = 'Running'" })) listed.push(info);
  const [entry, ...others] = inboxOf(listed);
  expect(others).toEqual([]);
  expect(entry!.waitsFor.map(({ id }) => id).sort()).toEqual([`${run.id}/a`, `${run.id}/b`]);

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
  expect((await histories(run)).length).toBeGreaterThan(3);
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

test('every one of these histories replays, and none holds a payload over 256 kB', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
  for (const { history } of await mill.histories()) expect(largestPayload(history)).toBeLessThan(256_000);
});
