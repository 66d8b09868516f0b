// Processes are killed while a budget counts: what was spent stays spent, what was reserved is settled once, and no call is made beyond the sum.
import type { RunningProcess } from '../../scripts/stack/processes';
import type { ScriptedCall } from '../../scripts/scripted-model/server';
import { bare, sound } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { costs, dear } from './dear';
import type { Delivery } from './delivery';
import { kill, useMill } from './mill';
import { silentOnce, type Script, type Scripts } from './script';

const mill = useMill({ definitions: { ...small, ...dear }, workers: [], durable: true });
let workers: RunningProcess[] = [];
const start = async (...queues: string[]) => {
  workers = [...workers, ...(await Promise.all(queues.map((listed) => mill.startWorkerProcess(listed))))];
};
afterEach(() => Promise.all(workers.splice(0).map(kill)));

const quick = (name: string): Script => ({
  implement: [costs(change(code(name)))],
  tests: [costs(suite(testing(name)))],
});
const planned = (needs: Readonly<Record<string, readonly string[]>>): Script => ({
  understand: [costs(understanding())],
  plan: [costs(plan(needs))],
  deploy: [costs(deployment())],
});
const project = (scripts: Scripts, budget: number) =>
  mill.project(scripts, { repository: bare({ 'README.md': '# Sums\n' }), pipeline: 'quick', budget });
const raise = (run: Delivery, usd: number) => run.say('budget', { usd, by: 'ada' });

/** In dollars, by the model's own log: each of its answers costs one here. */
const billed = (run: Delivery) => run.calls().filter(({ outcome }) => outcome === 'answered').length;
const merges = (run: Delivery) => run.git('rev-list', '--count', '--merges', '--first-parent', 'main');

test('a project that waits for its budget waits for it still when everything has died, with the same sum spent', async () => {
  await start('workflows,gate', 'agents,sandbox');
  const scripts = { project: planned({ sum: [], total: ['sum'] }), sum: quick('sum'), total: quick('total') };
  const run = await project(scripts, 4);
  await mill.milestoneOf(run, 'sum').approve();
  const total = mill.milestoneOf(run, 'total');
  await total.untilItWaitsFor('budget');
  // Each of its two calls, as each of the first one's.
  expect(await run.signals('claim', 4)).toBe(4);
  await run.untilItWaitsFor('budget');
  const stands = { usd: 4, spentUsd: 4, reservedUsd: 0 };
  expect((await run.status()).budget).toEqual(stands);
  await Promise.all([...workers.splice(0).map(kill), mill.killServer()]);
  expect(billed(run)).toBe(4);

  await mill.startServer();
  await start('workflows,gate', 'agents,sandbox');
  await run.untilItWaitsFor('budget');
  await total.untilItWaitsFor('budget');
  // It asks for both once more.
  await total.say('resume', { by: 'ada' });
  expect(await run.signals('claim', 6)).toBe(6);
  const { budget, waitingFor } = await run.status();
  expect({ budget, waits: waitingFor?.for }).toEqual({ budget: stands, waits: 'budget' });
  expect(run.calls()).toHaveLength(4);

  await raise(run, 7);
  expect(await run.delivered()).toMatchObject({ outcome: 'complete' });
  const { budget: last, usage } = await run.status();
  expect(last).toEqual({ usd: 7, spentUsd: 7, reservedUsd: 0 });
  expect(usage.costUsd).toBeCloseTo(7, 6);
  // No to each of its two calls, and yes once the sum was higher.
  expect(await total.signals('payment', 4)).toBe(4);
  expect(billed(run)).toBe(7);
  expect(run.calls()).toHaveLength(7);
  expect(merges(run)).toBe('2');
  expect(sound(run.repository)).toBe('');
});

test('a call whose worker is killed keeps what is reserved for it until it is over, and costs what its model was asked for', async () => {
  await start('workflows,sandbox,gate', 'agents');
  const look = { tools: [{ name: 'list', arguments: { folder: '' } }] };
  const second = silentOnce(costs(change(code('sum'))));
  const implement = (call: ScriptedCall) => (call.turn === 1 ? costs(look) : second.say(call));
  const scripts = { project: planned({ sum: [] }), sum: { ...quick('sum'), implement } };
  const run = await project(scripts, 3);
  await second.reached;
  const sum = mill.milestoneOf(run, 'sum');
  expect(await run.signals('claim', 2)).toBe(2);
  const underWay = { usd: 3, spentUsd: 2, reservedUsd: 1 };
  expect((await run.status()).budget).toEqual(underWay);
  await kill(workers.pop()!);
  expect((await run.status()).budget).toEqual(underWay);
  await start('agents');

  // The one call that was under way has cost two answers, the one before the kill included. There is no money for another.
  await run.until(({ budget }) => budget?.reservedUsd === 0);
  expect((await run.status()).budget).toEqual({ usd: 3, spentUsd: 4, reservedUsd: 0 });
  await sum.say('resume', { by: 'ada' });
  expect(await run.signals('claim', 3)).toBe(3);
  expect((await run.status()).budget).toEqual({ usd: 3, spentUsd: 4, reservedUsd: 0 });
  expect(run.calls().map(({ stage, turn, outcome }) => `${stage} ${turn} ${outcome}`)).toEqual([
    ...['understand 1 answered', 'plan 1 answered'],
    ...['implement 1 answered', 'implement 2 aborted', 'implement 2 answered'],
  ]);

  // What is reserved for each of the two that are left is as much as the dearest has cost.
  await raise(run, 7);
  expect(await run.delivered()).toMatchObject({ outcome: 'complete' });
  const { budget, usage } = await run.status();
  expect(budget).toEqual({ usd: 7, spentUsd: 6, reservedUsd: 0 });
  expect(usage.costUsd).toBeCloseTo(6, 6);
  expect(billed(run)).toBe(6);
  expect(merges(run)).toBe('1');
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
