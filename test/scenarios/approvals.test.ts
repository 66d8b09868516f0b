// A person decides about one candidate by its commit. What is early, late, malformed, somebody else's or said twice changes nothing, and shows.
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import { bare, tip } from '../adapters/git/ground';
import { change, code, plan, suite, test as testing, understanding, deployment } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { useMill } from './mill';
import { byRound } from './script';
import { slow } from './slow';

const mill = useMill({ definitions: small });

const first = change(code('add', 'a + b'));
const second = change(code('add', 'b + a'));
const tests = suite(testing('add'));
const script = { implement: byRound(first, second), tests: [tests] };
const start = (request: object = {}) => mill.milestone(script, { pipeline: 'quick', approvers: ['ada'], ...request });
const merges = (run: Delivery) => Number(run.git('rev-list', '--count', '--merges', '--first-parent', 'main'));

test('nothing but an approval of this very candidate by an approver merges it, and all else is refused in words', async () => {
  const run = await start();
  const early = await run.answered(() => run.say('approve', { subject: 'f'.repeat(40), by: 'ada' }));
  const { subject } = await run.untilItWaitsFor('approval');
  const base = tip(run.repository);
  const refused: [unknown, RegExp][] = [
    [{ subject: '0'.repeat(40), by: 'ada' }, /^it names 0000000000, and what waits is [0-9a-f]{10}$/],
    [{ subject: base, by: 'ada' }, /^it names /],
    [{ subject, by: 'mallory' }, /^mallory is not one of those who may decide: ada$/],
    [{ subject, by: 'Ada' }, /^Ada is not one of those/],
    [{ subject: subject!.slice(0, 10), by: 'ada' }, /^malformed: .*the full commit of a candidate/],
    [{ subject, by: '' }, /^malformed: /],
    [{ subject }, /^malformed: /],
    [{ subject, by: 'ada', signature: 'x' }, /^malformed: .*expected object, received string/],
    ['yes', /^malformed: .*expected object/],
    [null, /^malformed: .*expected object/],
    [undefined, /^malformed: /],
    [[subject, 'ada'], /^malformed: /],
    [{ subject, by: 'ada', note: 'x'.repeat(1_000_000) }, /^malformed: .*Too big/],
    ['y'.repeat(1_000_000), /^malformed: /],
  ];
  for (const [decision] of refused) await run.say('approve', decision);

  const records = await run.decisions();
  expect(early).toMatchObject({ accepted: false, reason: expect.stringMatching(/^nothing waits for an approval now/) });
  for (const [at, [, reason]] of refused.entries())
    expect(records[at + 1]).toMatchObject({ kind: 'approve', accepted: false, reason: expect.stringMatching(reason) });
  expect(JSON.stringify(records).length).toBeLessThan(20_000);
  expect((await run.status()).waitingFor).toMatchObject({ for: 'approval', subject });
  expect((await run.status()).decisions).toMatchObject({ accepted: 0, refused: refused.length + 1 });
  expect(merges(run)).toBe(0);

  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: subject, approvedBy: 'ada' });
  expect(merges(run)).toBe(1);
});

test('said fifty times, with a request for changes in between, the first valid decision counts and there is one merge', async () => {
  // A run that has ended takes no more words, and all of them are to be heard.
  const door = slow();
  const run = await start({ repository: door.repository });
  const { subject } = await run.untilItWaitsFor('approval');
  const approvals = Array.from({ length: 50 }, () => () => run.say('approve', { subject, by: 'ada' }));
  const changes = () => run.say('requestChanges', { subject, by: 'ada', note: 'The other way round, please.' });
  await Promise.all([...approvals.slice(0, 25), changes, ...approvals.slice(25)].map((say) => say()));

  const records = (await run.decisions()).filter((record) => record.subject === subject);
  expect(records).toHaveLength(51);
  expect(records.map(({ accepted }) => accepted)).toEqual([true, ...Array(50).fill(false)]);
  door.letIn();
  if (records[0]!.kind === 'requestChanges') await run.approve({ not: subject });
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(merges(run)).toBe(1);
});

test('a request for changes takes the note to the implementer; the old candidate can no longer be approved', async () => {
  const run = await start();
  const { subject: old } = await run.untilItWaitsFor('approval');
  await run.say('requestChanges', { subject: old, by: 'ada', note: 'The other way round, please.' });
  const { subject: now } = await run.untilItWaitsFor('approval', old);
  expect(now).not.toBe(old);
  expect(run.prompt('implement', 2)).toContain('title="feedback from approve"');
  expect(run.prompt('implement', 2)).toContain('The other way round, please.');
  expect(run.prompt('implement', 2)).toContain('+exports.add = (a, b) => a + b;');

  const stale = await run.answered(() => run.say('approve', { subject: old, by: 'ada' }));
  expect(stale).toMatchObject({ accepted: false, reason: expect.stringContaining(`it names ${old!.slice(0, 10)}`) });
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: now });
  expect(run.onMain('src/add.js')).toContain('b + a');
});

test('a project passes an approval on to the milestone whose candidate it names', async () => {
  const project = await mill.project(
    { project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] }, add: script },
    { pipeline: 'quick', approvers: ['ada'] },
  );
  const { milestones } = await project.until(({ milestones }) => milestones[0]?.waitingFor?.for === 'approval');
  const subject = milestones[0]!.waitingFor!.subject!;
  expect(await mill.inbox('approval', `${project.id}/add`)).toContain(`${project.id}/add`);
  const passed = await project.answered(() => project.say('approve', { subject, by: 'ada' }));
  expect(passed).toMatchObject({ accepted: true, reason: `passed on to ${project.id}/add` });
  expect(await project.result()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
});

describe('a plan that a person wants to agree to', () => {
  const agreed = (...planning: ScriptedAnswer[]) =>
    mill.project(
      { project: { understand: [understanding()], plan: byRound(...planning), deploy: [deployment()] }, add: script },
      { pipeline: 'quick', agreePlan: true, approvers: ['ada'], repository: bare({ 'README.md': '# Sums\n' }) },
    );

  test('is waited for, is approved by its digest alone, and nothing is built before', async () => {
    const run = await agreed(plan({ add: [] }));
    const { subject } = await run.untilItWaitsFor('plan');
    expect(subject).toMatch(/^[0-9a-f]{64}$/);
    expect(await mill.inbox('plan', run.id)).toEqual([run.id]);
    const other = await run.answered(() => run.say('approve', { subject: 'a'.repeat(64), by: 'ada' }));
    expect(other).toMatchObject({ accepted: false });
    expect(run.calls({ milestone: 'add' })).toEqual([]);

    await run.say('approve', { subject, by: 'ada' });
    expect(await run.delivered()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
  });

  test('goes back to the planner with the words of the person', async () => {
    const run = await agreed(plan({ add: [], more: ['add'] }), plan({ add: [] }));
    const { subject } = await run.untilItWaitsFor('plan');
    await run.say('requestChanges', { subject, by: 'ada', note: 'The sum is all we need.' });
    const { subject: now } = await run.untilItWaitsFor('plan', subject);
    expect(now).not.toBe(subject);
    expect(run.prompt('plan', 2)).toContain('The sum is all we need.');
    await run.say('approve', { subject: now, by: 'ada' });
    const { milestones } = await run.delivered<{ milestones: { id: string }[] }>();
    expect(milestones.map(({ id }) => id)).toEqual(['add']);
    await mill.keepHistory(run.id, 'project-with-its-plan-agreed-at-the-second-try');
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
