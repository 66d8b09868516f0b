// Several milestones: in the order of their dependencies, side by side up to the limit, and what becomes of the others when one is not delivered.
import { setTimeout as pause } from 'node:timers/promises';
import { CancelledFailure, WorkflowFailedError } from '@temporalio/client';
import { bare, sound } from '../adapters/git/ground';
import { change, code, deployment, plan, specification, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { Meeting } from './meeting';
import { useMill } from './mill';
import type { Script, Scripts } from './script';

const mill = useMill({ definitions: small });

type Result = {
  outcome: string;
  reason?: string;
  milestones: { id: string; state: string; reason?: string }[];
  report: { path: string };
};

const planned = (needs: Parameters<typeof plan>[0]): Script => ({
  understand: [understanding()],
  plan: [plan(needs)],
  deploy: [deployment()],
});
const project = (needs: Parameters<typeof plan>[0], scripts: Scripts, request: object = {}) =>
  mill.project({ project: planned(needs), ...scripts }, { repository: bare({ 'README.md': '# Sums\n' }), ...request });
const quick = (name: string, body?: string, expected = 5): Script => ({
  implement: [change(code(name, body))],
  tests: [suite(testing(name, expected))],
});
const unsure = { implement: [change(code('x'), { confidence: 0.2 })], tests: [suite(testing('x'))] };
const states = ({ milestones }: Pick<Result, 'milestones'>) =>
  Object.fromEntries(milestones.map(({ id, state }) => [id, state]));

describe('milestones', () => {
  test('begin when what they need is merged, and what they build on is there', async () => {
    const needsBoth = `require('./sum').sum(a, b) + require('./product').product(a, b)`;
    const run = await project(
      { both: ['sum', 'product'], sum: [], product: [] },
      { sum: quick('sum'), product: quick('product', 'a * b', 6), both: quick('both', needsBoth, 11) },
      { pipeline: 'quick' },
    );
    const result = await run.delivered<Result>();
    expect(result.outcome).toBe('complete');
    expect(states(result)).toEqual({ both: 'merged', sum: 'merged', product: 'merged' });
    const merges = run.git('log', '--first-parent', '--merges', '--reverse', '--format=%s', 'main').split('\n');
    expect(merges.slice(0, 2).sort()).toEqual(['Merge product: The product', 'Merge sum: The sum']);
    expect(merges.slice(2)).toEqual(['Merge both: The both']);
    expect(run.fromLedger(result.report.path, 'project')).toContain('3 of 3 milestones merged. complete');
    expect(sound(run.repository)).toBe('');

    expect((await run.timeline()).filter((line) => !line.startsWith('callAgent — '))).toEqual([
      `openProject — open ${run.id}/project: its repository and its pipeline`,
      'headOf — where main stands',
      `writeReport — the report of ${run.id}, complete`,
    ]);

    const { usage } = await run.status();
    const sum = (what: 'inputTokens' | 'outputTokens') => run.calls().reduce((total, call) => total + call[what], 0);
    const total = { calls: run.calls().length, inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') };
    expect(usage).toMatchObject(total);
  });

  test('run side by side up to the limit, and no more', async () => {
    const meeting = new Meeting(2);
    const specify = async () => {
      await meeting.attend();
      return specification();
    };
    const four = { a: [], b: [], c: [], d: [] };
    const scripts = Object.fromEntries(Object.keys(four).map((id) => [id, { specify }]));
    const run = await project(four, scripts, { pipeline: 'solo', maxParallel: 2 });
    expect(states(await run.result<Result>())).toEqual({ a: 'complete', b: 'complete', c: 'complete', d: 'complete' });
    expect(meeting.most).toBe(2);
  });
});

describe('a milestone that a person', () => {
  const needs = { first: [], second: ['first'], third: ['second'], other: [] };
  const stuck = () =>
    project(
      needs,
      { first: unsure, second: quick('second'), third: quick('third'), other: quick('other') },
      { pipeline: 'quick', maxParallel: 4 },
    );
  const asksForGuidance = (run: Delivery) =>
    run.until(({ milestones }) => milestones[0]?.waitingFor?.for === 'guidance', 'guidance for a milestone');

  test('abandons takes those with it that need it, near and far, and nobody else; result and report say so', async () => {
    const run = await stuck();
    await asksForGuidance(run);
    await run.say('abandon', { by: 'ada', milestone: 'first', note: 'not now' });
    const result = await run.delivered<Result>();
    expect(result).toMatchObject({ outcome: 'complete' });
    expect(result.milestones).toMatchObject([
      { id: 'first', state: 'abandoned', reason: 'abandoned: abandoned by ada: not now' },
      { id: 'second', state: 'blocked', reason: 'blocked: it needs first, which was not delivered' },
      { id: 'third', state: 'blocked', reason: 'blocked: it needs second, which was not delivered' },
      { id: 'other', state: 'merged' },
    ]);
    expect(run.calls({ milestone: 'second' })).toEqual([]);
    const report = run.fromLedger(result.report.path, 'project');
    expect(report).toContain('1 of 4 milestones merged');
    expect(report).toMatch(/^\| first \| The first \| abandoned \|/m);
    expect(report).toMatch(/^- second is not merged: .*it needs first/m);
    expect(report).toMatch(/^- deliver third: The third/m);
  });

  test('abandons ends the project where all others needed it', async () => {
    const run = await project({ first: [], second: ['first'] }, { first: unsure }, { pipeline: 'quick' });
    await asksForGuidance(run);
    await run.say('abandon', { by: 'ada', milestone: 'first' });
    expect(states(await run.result<Result>())).toEqual({ first: 'abandoned', second: 'blocked' });
  });

  test('skips is left out, and those that need it go on without it', async () => {
    const run = await stuck();
    await asksForGuidance(run);
    await run.say('skip', { by: 'ada', milestone: 'first' });
    const result = await run.delivered<Result>();
    expect(states(result)).toEqual({ first: 'skipped', second: 'merged', third: 'merged', other: 'merged' });
    await mill.keepHistory(`${run.id}/first`, 'milestone-skipped');
    await mill.keepHistory(run.id, 'project-of-four-milestones-one-skipped');
    expect(run.git('ls-tree', '--name-only', 'main', 'src/')).toBe('src/other.js\nsrc/second.js\nsrc/third.js');
  });

  test('does not exist changes nothing, and is told so', async () => {
    const run = await project({ first: [] }, { first: unsure }, { pipeline: 'quick' });
    await asksForGuidance(run);
    const record = await run.answered(() => run.say('skip', { by: 'ada', milestone: 'frist' }));
    expect(record).toMatchObject({ accepted: false, reason: expect.stringContaining('frist') });
    const stray = await run.answered(() => run.say('abandon', { by: 'ada', milestone: 'frist' }));
    expect(stray).toMatchObject({ accepted: false, reason: expect.stringContaining('frist') });
    expect((await run.status()).state).not.toBe('abandoned');
  });
});

describe('a project', () => {
  const waiting = async () => {
    const run = await project(
      { add: [], sub: ['add'] },
      { add: quick('add'), sub: quick('sub') },
      { pipeline: 'quick' },
    );
    await run.until(({ milestones }) => milestones[0]?.waitingFor?.for === 'approval', 'an approval to wait for');
    return run;
  };
  const notInTheInbox = async (run: Delivery) => {
    const its = (ids: readonly string[]) => ids.filter((id) => id.startsWith(run.id));
    expect(its(await mill.inboxOnce('approval', (ids) => its(ids).length === 0))).toEqual([]);
  };

  test('that is abandoned ends with its milestones, merges nothing, and reports', async () => {
    const run = await waiting();
    await run.say('abandon', { by: 'ada', note: 'no budget' });
    const result = await run.result<Result>();
    expect(result).toMatchObject({ outcome: 'abandoned', reason: 'abandoned by ada: no budget' });
    expect(states(result)).toEqual({ add: 'abandoned', sub: 'abandoned' });
    expect(run.fromLedger(result.report.path, 'project')).toContain('abandoned: abandoned by ada: no budget');
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
    await notInTheInbox(run);
  });

  test('that is cancelled takes its milestones along, and nobody is asked for anything any more', async () => {
    const run = await waiting();
    await run.handle.cancel();
    const error: unknown = await run.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    await notInTheInbox(run);
    expect((await mill.milestoneOf(run, 'add').handle.describe()).status.name).toBe('CANCELLED');
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
  });

  test('that is paused starts nothing new, finishes what it is at, and goes on when it is resumed', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const implement = async () => held.then(() => change(code('add')));
    const run = await project(
      { add: [], sub: [] },
      { add: { ...quick('add'), implement }, sub: quick('sub', 'a - b', -1) },
      { pipeline: 'quick', maxParallel: 1 },
    );
    const add = mill.milestoneOf(run, 'add');
    await add.until(
      ({ stages }) => stages[0]?.state === 'running' && stages[1]?.state === 'done',
      'its tests are written',
    );
    await run.say('pause', { by: 'ada' });
    await run.untilItWaitsFor('resume');
    await add.untilItWaitsFor('resume');
    expect(await mill.inbox('resume', run.id)).toEqual(expect.arrayContaining([run.id]));
    release();
    await add.until(({ stages }) => stages[0]?.state === 'done', 'the call that was under way is done');
    await pause(500);
    expect((await add.status()).stages.map(({ state }) => state)).toEqual([
      'done',
      'done',
      'waiting',
      'waiting',
      'waiting',
    ]);
    const again = await run.answered(() => run.say('pause', { by: 'ada' }));
    expect(again).toMatchObject({ accepted: false, reason: 'it is paused already' });

    await run.say('resume', { by: 'ada' });
    expect(states(await run.delivered<Result>())).toEqual({ add: 'merged', sub: 'merged' });
    expect(run.calls({ milestone: 'add' })).toHaveLength(2);
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
