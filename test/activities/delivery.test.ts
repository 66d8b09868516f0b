// The report of a run, read back from its ledger: of this run alone, with all that it cost, and who approved what was merged.
import { MockActivityEnvironment } from '@temporalio/testing';
import { readDelivery } from '../../src/activities/delivery';
import { createRecordActivities } from '../../src/activities/record';
import { noHandoff, type Handoff } from '../../src/domain/handoff';
import { effectKey, effectOf, stageFolder, type EffectKey } from '../../src/domain/names';
import { composeReport } from '../../src/domain/report';
import type { Status } from '../../src/domain/status';
import { noUsage } from '../../src/domain/usage';
import { AT, bare, worker } from '../adapters/git/ground';
import { milestone, status } from '../scripts/cli/statuses';

const candidate = 'c'.repeat(40);

/** One ledger, written by several runs under the same id. */
function ledgerOf(place: { project: string; milestone: string }) {
  const git = worker();
  const repository = bare();
  const { recordDecision } = createRecordActivities(git);
  const keyOf = (run: string, stage: string, iteration = 1, part?: string): EffectKey => ({
    ...{ ...place, runId: run, stage, iteration },
    ...(part !== undefined && { part }),
  });
  const leaves = (key: EffectKey, handoff: Partial<Handoff>, files: Record<string, unknown> = {}) =>
    git.ledger.append({
      ...{ repository, key, message: `${key.stage} ${key.iteration}`, at: AT },
      files: Object.entries({ 'handoff.json': { ...noHandoff, ...handoff }, ...files }).map(([name, content]) => ({
        path: `${stageFolder(key)}/${name}`,
        content: JSON.stringify(content),
      })),
    });
  const decides = (key: EffectKey, decision: 'approved' | 'changes-requested', by: string) =>
    new MockActivityEnvironment().run(recordDecision, {
      ...{ key, repository, at: AT, decidedAt: AT },
      ...{ subject: candidate, decision, by, note: 'so it is' },
    });
  const reported = async (of: Status) => composeReport(of, await readDelivery(git, repository, of)).results[0]!;
  return { keyOf, leaves, decides, reported };
}

const costs = (costUsd: number): Partial<Handoff> => ({ usage: { ...noUsage, costUsd } });
const merges = (commit: string): Partial<Handoff> => ({ facts: { commit, candidate } });
const shop = (about: Parameters<typeof milestone>[1]) =>
  status('shop', { runId: 'project-run', milestones: [milestone('login', about)] });

test('the cost of a milestone is that of all its rounds and of all parts of a round', async () => {
  const { keyOf, leaves, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  await leaves(keyOf('new', 'design'), costs(1));
  await leaves(keyOf('new', 'implement', 1, 'pages'), costs(2));
  await leaves(keyOf('new', 'implement', 1, 'tables'), costs(4));
  await leaves(keyOf('new', 'implement', 1), costs(0));
  await leaves(keyOf('new', 'implement', 2), costs(8));
  // Stuck, and so never joined: paid for all the same.
  await leaves(keyOf('new', 'document', 1, 'guide'), { ...costs(16), status: 'blocked' });
  expect(await reported(shop({ runId: 'new' }))).toMatchObject({ cost_usd: 31, iterations: 2 });
});

test('every evaluation of a milestone is told, with what it said', async () => {
  const { keyOf, leaves, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  const breakdown = (correctness: number) => ({
    ...{ correctness, code_quality: 4, security: 4, maintainability: 4, scalability: 4 },
  });
  for (const [iteration, correctness] of [1, 4].entries())
    await leaves(
      keyOf('new', 'evaluate', iteration + 1),
      {
        summary: `correctness is ${correctness}`,
        artifact: { kind: 'Evaluation', commit: '', path: '' },
        facts: { mean: 2 + correctness / 2, scores: breakdown(correctness) },
      },
      { 'Evaluation.json': { feedback: `round ${iteration + 1}` } },
    );
  expect(await reported(shop({ runId: 'new' }))).toMatchObject({
    ...{ score: 4, breakdown: breakdown(4) },
    attempts: [
      { iteration: 1, score: 2.5, breakdown: breakdown(1), summary: 'correctness is 1', feedback: 'round 1' },
      { iteration: 2, score: 4, breakdown: breakdown(4), summary: 'correctness is 4', feedback: 'round 2' },
    ],
  });
});

test('who asked for changes has not approved, whoever spoke last', async () => {
  const { keyOf, decides, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  await decides(keyOf('new', 'approve', 1), 'approved', 'ada');
  await decides(keyOf('new', 'approve', 2), 'changes-requested', 'bob');
  expect(await reported(shop({ runId: 'new' }))).toMatchObject({ approved_by: null, commit: null });
});

test('approved is what was merged, by the one who approved it', async () => {
  const { keyOf, leaves, decides, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  await decides(keyOf('new', 'approve', 1), 'changes-requested', 'bob');
  await decides(keyOf('new', 'approve', 2), 'approved', 'ada');
  await leaves(keyOf('new', 'merge'), merges('d'.repeat(40)));
  expect(await reported(shop({ runId: 'new', state: 'merged' }))).toMatchObject({
    ...{ approved_by: 'ada', commit: 'd'.repeat(40), iterations: 2 },
  });
});

test('what an earlier run under the same id left is not this run’s, nor what a later one leaves', async () => {
  const { keyOf, leaves, decides, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  const report = (run: string, passed: number) =>
    leaves(
      keyOf(run, 'verify'),
      { artifact: { kind: 'TestReport', commit: '', path: 'stages/verify/1/TestReport.json' } },
      { 'TestReport.json': { passed, total: 9, coverage: null } },
    );
  await leaves(keyOf('old', 'implement', 3), costs(10));
  await report('old', 1);
  await decides(keyOf('old', 'approve'), 'approved', 'ada');
  await leaves(keyOf('old', 'merge'), merges('d'.repeat(40)));
  await leaves(keyOf('new', 'implement'), costs(1));
  await report('new', 2);
  await report('newest', 3);

  const abandoned = shop({ runId: 'new', state: 'abandoned', reason: 'not worth it' });
  expect(await reported(abandoned)).toMatchObject({
    ...{ outcome: 'abandoned', commit: null, approved_by: null, iterations: 1, cost_usd: 1 },
    tests: '2 of 9 passed',
  });
});

test('a milestone that this run never began has nothing', async () => {
  const { keyOf, leaves, reported } = ledgerOf({ project: 'shop', milestone: 'login' });
  await leaves(keyOf('old', 'merge'), merges('d'.repeat(40)));
  expect(await reported(shop({ state: 'blocked' }))).toMatchObject({ commit: null, iterations: 0, cost_usd: 0 });
});

test.each(['shop/login', 'login'])('a milestone that was started alone, as %s, is found by its id', async (id) => {
  const [project, name = 'milestone'] = id.split('/') as [string, string?];
  const { keyOf, leaves, reported } = ledgerOf({ project, milestone: name });
  await leaves(keyOf('new', 'implement'), costs(1));
  expect(await reported(status(id, { kind: 'milestone', runId: 'new' }))).toMatchObject({ cost_usd: 1 });
});

test('a key tells its effect', () => {
  const key = { project: 'shop', milestone: 'login', runId: 'new', stage: 'implement', iteration: 2 };
  expect(effectOf(effectKey(key))).toEqual(key);
  expect(effectOf(effectKey({ ...key, part: 'pages/login' }))).toEqual({ ...key, part: 'pages/login' });
});
