// What waits for a person, which of it a decision means, and what a person is told to do next.
import { approvalsIn, escalationsIn, nextSteps, pickApproval, waitsOf } from '../../../scripts/cli/waits';
import { CANDIDATE, status, waits } from './statuses';

const other = 'ab'.repeat(20);
const login = status('shop/login', { waitingFor: waits() });
const notes = status('shop/notes', { waitingFor: waits({ subject: other }) });
const stuck = status('shop/search', { waitingFor: { for: 'guidance', since: '', detail: 'verify (failing): red' } });
const shop = status('shop');

const pick = (runs: (typeof login)[], named?: string) => pickApproval(approvalsIn(waitsOf(shop, runs)), named);

test('takes the only thing that waits', () => {
  expect(pick([login, stuck])).toMatchObject({ picked: { run: { id: 'shop/login' }, subject: CANDIDATE } });
});

test("takes a project's plan as well", () => {
  const plan = status('shop', { waitingFor: waits({ for: 'plan', subject: 'cd'.repeat(32) }) });
  expect(pickApproval(approvalsIn(waitsOf(plan, [])))).toMatchObject({ picked: { run: { id: 'shop' } } });
});

test('takes the one whose commit begins as named, of several', () => {
  expect(pick([login, notes], CANDIDATE.slice(0, 7))).toMatchObject({ picked: { run: { id: 'shop/login' } } });
  expect(pick([login, notes], other)).toMatchObject({ picked: { run: { id: 'shop/notes' } } });
});

test('does not choose between several', () => {
  expect(pick([login, notes])).toMatchObject({ several: [{ subject: CANDIDATE }, { subject: other }] });
});

test('refuses a commit that is not what waits, and says what does', () => {
  expect(pick([login], '1234567')).toEqual({
    none: `1234567 is not what waits for an approval; that is ${CANDIDATE}`,
  });
});

test('refuses when nothing waits for an approval', () => {
  expect(pick([stuck])).toEqual({ none: 'nothing waits for an approval now' });
  expect(pick([], CANDIDATE)).toEqual({ none: 'nothing waits for an approval now' });
});

test('finds what is stuck', () => {
  expect(escalationsIn(waitsOf(shop, [login, stuck])).map(({ run }) => run.id)).toEqual(['shop/search']);
});

test('names the next command for whatever waits', () => {
  const waiting = (reason: string) => status('shop', { waitingFor: waits({ for: reason as never }) });
  const step = (reason: string) => nextSteps(waitsOf(waiting(reason), []))[0];
  expect(step('approval')).toMatch(/^npm run approve -- shop --by/);
  expect(step('plan')).toMatch(/^npm run approve -- shop --by/);
  expect(step('guidance')).toMatch(/^npm run guide -- shop --by/);
  expect(step('resume')).toMatch(/^npm run resume -- shop --by/);
  expect(step('credentials')).toMatch(/npm run resume -- shop --by/);
  const budget = { usd: 1, spentUsd: 1, reservedUsd: 0 };
  const broke = status('shop', { budget, waitingFor: waits({ for: 'budget' }) });
  expect(nextSteps(waitsOf(broke, []))).toEqual(['npm run budget -- shop --usd <sum> --by <your name>']);
  expect(step('budget')).toBeUndefined(); // a milestone's is its project's
  expect(step('worker:millwright-gate')).toBe('npm run worker');
});

test('names no command where nothing is owed: a busy queue, and a project that holds milestones back for it', () => {
  const waiting = (reason: string) => status('shop', { waitingFor: waits({ for: reason as never }) });
  expect(nextSteps(waitsOf(waiting('queue:millwright-sandbox'), []))).toEqual([]);
  expect(waitsOf(waiting('backlog'), [])).toEqual([]);
});
