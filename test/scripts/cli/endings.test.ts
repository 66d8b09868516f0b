// How verbs end: the exit code of a run that was waited for, and which record is a decision's own.
import { newRecord } from '../../../scripts/cli/decide';
import { exitCodeOf } from '../../../scripts/cli/ending';
import { skipWords } from '../../../scripts/cli/skipped';
import { changedLines, standingOf } from '../../../scripts/cli/changes';
import type { Screen } from '../../../scripts/cli/screen';
import type { Connected } from '../../../scripts/cli/server';
import { watchRun } from '../../../scripts/cli/watch';
import type { DecisionRecord } from '../../../src/domain/decision';
import { CANDIDATE, done, milestone, running, stage, status, waits } from './statuses';

const ended = (state: string, milestones: Parameters<typeof milestone>[1][], over = true) => ({
  ...{ id: 'shop', over, state, milestones: [], retries: [] },
  status: status('shop', {
    state: state as never,
    milestones: milestones.map((about, at) => milestone(`m${at}`, about)),
  }),
});

test.each([
  ['everything merged', ended('complete', [{ state: 'merged' }, { state: 'merged' }]), 0],
  ['a pipeline without a merge is complete', ended('complete', [{ state: 'complete' }]), 0],
  ['one was skipped', ended('complete', [{ state: 'merged' }, { state: 'skipped' }]), 6],
  ['one failed', ended('complete', [{ state: 'merged' }, { state: 'failed' }]), 6],
  ['abandoned after all were merged', ended('abandoned', [{ state: 'merged' }]), 6],
  ['nothing was ever planned', ended('complete', []), 6],
  ['it failed before it could say anything', { ...ended('failed', []), status: undefined, failure: 'no such base' }, 6],
  ['nobody is there to tell what was merged', { ...ended('complete', []), status: undefined }, 5],
])('%s: %#', (_, sight, code) => {
  expect(exitCodeOf(sight)).toBe(code);
});

const record = (about: Partial<DecisionRecord> = {}): DecisionRecord => ({
  ...{ at: '2030-01-01T12:00:00Z', kind: 'approve', by: 'ada', subject: CANDIDATE, accepted: true, reason: 'accepted' },
  ...about,
});
const decision = { by: 'ada', subject: CANDIDATE };

test("finds a decision's own record, not an earlier one like it", () => {
  const earlier = record({ accepted: false, reason: 'too early' });
  const own = record({ at: '2030-01-01T12:00:01Z' });
  expect(newRecord([earlier], [earlier], 'approve', decision)).toBeUndefined();
  expect(newRecord([earlier], [earlier, own], 'approve', decision)).toBe(own);
  expect(newRecord([], [own], 'approve', decision)).toBe(own);
});

test("passes over other people's records, and other kinds", () => {
  const others = [record({ by: 'bob' }), record({ kind: 'requestChanges' }), record({ note: 'hm' })];
  expect(newRecord([], others, 'approve', decision)).toBeUndefined();
});

test('finds it also when the oldest records have gone, and a long note was cut', () => {
  const old = Array.from({ length: 100 }, (_, at) => record({ at: `2030-01-01T11:00:${at}` }));
  const own = record({ note: 'x'.repeat(400) });
  expect(newRecord(old, [...old.slice(1), own], 'approve', { ...decision, note: 'x'.repeat(900) })).toBe(own);
});

describe('what came of a skip', () => {
  const stuck = (id: string) =>
    status(id, {
      state: 'waiting',
      waitingFor: waits({ for: 'guidance', detail: 'deploy (low-confidence): confidence 0.1 is under 0.6: later (x)' }),
      stages: [done('build', 'all merged'), stage('later'), stage('deploy', { iteration: 1 })],
    });
  const after = (id: string, about: Partial<ReturnType<typeof status>>) => {
    const { waitingFor: _, ...before } = stuck(id);
    return skipWords(stuck(id), { ...before, state: 'running', ...about });
  };

  test('the stage alone, where nothing that is merged needs it', () => {
    const stages = [stage('later', { state: 'skipped' }), stage('deploy', { state: 'skipped' })];
    expect(after('shop', { stages })).toMatch(/^deploy is left out; .* the rest goes on\.$/);
  });
  test('the whole project', () => {
    expect(after('shop', { state: 'skipped' })).toMatch(
      /^The whole project ends here as skipped: .* without deploy\.$/,
    );
  });
  test('the whole milestone', () => {
    expect(after('shop/login', { state: 'skipped' })).toMatch(/^The whole milestone is left out: nothing of it/);
  });
  test('nothing yet', () => {
    expect(after('shop', {})).toBeUndefined();
    expect(after('shop', { stages: [stage('later', { state: 'skipped' }), stage('deploy')] })).toBeUndefined();
  });
});

test('follows a run by a line for each change, and none where only time has passed', () => {
  const before = status('shop', { stages: [running('plan')], milestones: [milestone('login')] });
  const after = status('shop', { ...before, stages: [done('plan', 'Two milestones.')] });
  const login = status('shop/login', { waitingFor: waits() });
  expect(changedLines(new Map(), standingOf(before, []))).toEqual([
    'shop: running',
    'shop plan: running',
    'shop/login: planned',
  ]);
  expect(changedLines(standingOf(before, []), standingOf(before, []))).toEqual([]);
  expect(changedLines(standingOf(before, []), standingOf(after, [login]))).toEqual([
    'shop plan: done · Two milestones. ($0.0123)',
    `shop/login: waits for approval: the candidate 6f7c73c58b ${CANDIDATE}`,
  ]);
});

test('a run that has ended is watched until a worker tells what came of it', async () => {
  const complete = ended('complete', [{ state: 'merged' }]).status;
  const answers = [
    () => Promise.reject(new Error('no poller seen for task queue recently')),
    () => Promise.resolve(complete),
  ];
  const handle = {
    describe: () => Promise.resolve({ status: { name: 'COMPLETED' }, searchAttributes: {}, raw: {} }),
    query: () => (answers.length > 1 ? answers.shift()! : answers[0]!)(),
  };
  const server = {
    client: { workflow: { getHandle: (id: string) => (id === 'shop' ? handle : { describe: gone, query: gone }) } },
    connection: { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() },
  } as unknown as Connected;
  const printed: string[] = [];
  const screen = { interactive: false, width: 80, rows: 24, print: (line: string) => printed.push(line) };
  const sight = await watchRun(server, 'shop', screen as unknown as Screen, 60_000);
  expect(exitCodeOf(sight)).toBe(0);
  expect(printed[0]).toContain('no worker answers');
});

const gone = () => Promise.reject(new Error('past retention'));
