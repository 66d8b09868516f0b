// Models cost what the budget allows, and no call more: what cannot be paid for waits for a person who raises it.
import { bare } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { costs, dear } from './dear';
import type { Delivery } from './delivery';
import { useMill } from './mill';
import type { Script } from './script';

const mill = useMill({ definitions: { ...small, ...dear } });

const quick = (name: string): Script => ({
  implement: [costs(change(code(name)))],
  tests: [costs(suite(testing(name)))],
});
const planned: Script = {
  understand: [costs(understanding())],
  plan: [costs(plan({ sum: [], total: [] }))],
  deploy: [costs(deployment())],
};
const project = (budget: number) =>
  mill.project(
    { project: planned, sum: quick('sum'), total: quick('total') },
    { repository: bare({ 'README.md': '# Sums\n' }), pipeline: 'quick', budget },
  );
const raise = (run: Delivery, usd: number) => run.say('budget', { usd, by: 'ada' });

test('a project stops before it spends more, shows it, and goes on where it was when the budget is raised', async () => {
  const run = await project(4);
  const { detail } = await run.untilItWaitsFor('budget');
  await run.until(({ budget }) => budget?.spentUsd === 4, 'it has spent four dollars');
  expect(detail).toMatch(/^(implement|tests) on frontier-a may cost more than what is left: of \$4\.00/);
  const { milestones } = await run.status();
  expect(milestones.map(({ waitingFor }) => waitingFor?.for)).toContain('budget');
  expect(await mill.inbox('budget', run.id)).toContain(run.id);
  const before = run.calls().length;
  expect(before).toBe(4);

  await raise(run, 6);
  await run.until(({ budget }) => budget?.spentUsd === 6, 'it has spent six dollars');
  expect(run.calls()).toHaveLength(6);

  await raise(run, 7);
  expect(await run.delivered()).toMatchObject({ outcome: 'complete' });
  const { budget, usage } = await run.status();
  expect(budget).toEqual({ usd: 7, spentUsd: 7, reservedUsd: 0 });
  expect(usage.costUsd).toBeCloseTo(7, 6);
  await mill.keepHistory(run.id, 'project-within-a-budget');
  await mill.keepHistory(`${run.id}/sum`, 'milestone-within-a-budget');
});

test('a milestone alone has an account of its own; a call that was dearer than reserved is the last', async () => {
  const script = { implement: [costs(change(code('add')), 2)], tests: [costs(suite(testing('add')))] };
  const run = await mill.milestone(script, { pipeline: 'quick', budget: 1.5 });
  await run.untilItWaitsFor('budget');
  await run.until(({ budget }) => budget !== undefined && budget.spentUsd > 0 && budget.reservedUsd === 0);
  expect(run.calls()).toHaveLength(1);
  await raise(run, 1);
  const { budget } = await run.status();
  expect(budget?.usd).toBe(1);
  await raise(run, 10);
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
});

test('a budget is set only where there is one, and only by whom and for what it may be', async () => {
  const run = await mill.milestone({ specify: [{ silence: true }] }, { pipeline: 'solo' });
  const none = await run.answered(() => raise(run, 5));
  expect(none).toMatchObject({ accepted: false, reason: expect.stringContaining('was not started with a budget') });
  const endless = await run.answered(() => run.say('budget', { usd: Infinity, by: 'ada' }));
  expect(endless).toMatchObject({ accepted: false, reason: expect.stringContaining('malformed') });
  await run.say('abandon', { by: 'ada' });
});

test('money is not handed out by whoever sends a signal, and what is left open by a milestone is spent', async () => {
  const run = await project(3);
  await run.untilItWaitsFor('budget');
  await run.until(({ budget }) => budget?.spentUsd === 3);
  const child = mill.milestoneOf(run, 'sum');
  for (const call of ['', 'a', 'sum/implement']) {
    await child.handle.signal('payment', { call, paid: true });
    await run.handle.signal('settlement', { milestone: 'sum', call, usd: 0 });
    await run.handle.signal('claim', { milestone: 'nobody', call: `${call}x`, usd: 1, what: 'x' });
  }
  await run.handle.signal('settlement', { milestone: 'sum', call: 'a', usd: -5 });
  await run.handle.signal('claim', 'rubbish');
  const { budget } = await run.status();
  expect(budget).toEqual({ usd: 3, spentUsd: 3, reservedUsd: 0 });
  expect(run.calls()).toHaveLength(3);
  await run.say('abandon', { by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'abandoned' });
});

test('a milestone that its reset project does not know says so, and is paid once it does', async () => {
  const once = { understand: () => costs(understanding()), plan: () => costs(plan({ sum: [] })) };
  const run = await mill.project({ project: once, sum: quick('sum') }, { pipeline: 'quick', budget: 2 });
  const milestone = mill.milestoneOf(run, 'sum');
  await milestone.untilItWaitsFor('budget');
  await run.signals('claim', 2);
  await milestone.say('resume', { by: 'ada' });
  await run.signals('claim', 4);
  await mill.reset(run);

  await milestone.until(({ waitingFor }) => waitingFor?.detail?.includes('does not have it at work') === true);
  await run.untilItWaitsFor('milestones');
  await raise(run, 4);
  await run.say('resume', { by: 'ada' });
  await milestone.untilItWaitsFor('approval');
  expect(milestone.calls({ milestone: 'sum' })).toHaveLength(2);
  // To each of its two calls no in the first life, where it asked twice and waited once; twice no, and yes, in the second.
  expect(await milestone.signals('payment', 8)).toBe(8);
  await run.until(({ budget }) => budget?.spentUsd === 4 && budget.reservedUsd === 0, 'each call is paid for once');
  await run.say('abandon', { by: 'ada' });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
