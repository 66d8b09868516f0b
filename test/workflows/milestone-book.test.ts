// What milestones say of themselves comes as signals, which Temporal may deliver in another order than that in which they were sent.
import { noUsage } from '../../src/domain/usage';
import { MilestoneBook } from '../../src/workflows/milestone-book';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const once = { ...noUsage, calls: 1, costUsd: 2 };
const waitingFor = { for: 'approval', since: '2026-11-22T11:59:00Z', detail: 'the candidate' };
const early = { id: 'login', usage: noUsage, told: NOW - 2, waitingFor };
const last = { id: 'login', usage: once, told: NOW - 1, over: true };

function book(): MilestoneBook {
  const made = new MilestoneBook();
  made.plan('shop', { id: 'login', title: 'Log in', dependencies: [] });
  return made;
}

beforeEach(() => jest.useFakeTimers({ now: NOW }));
afterEach(() => jest.useRealTimers());

test('an earlier word that comes later changes nothing: neither what it cost nor what it waits for', () => {
  const milestones = book();
  expect([last, early].map((report) => milestones.hear(report))).toEqual([true, false]);
  expect(milestones.usages).toEqual([once]);
  expect(milestones.statuses).toEqual([expect.not.objectContaining({ waitingFor: expect.anything() })]);
});

test('in the order in which they were said each counts, also two of one moment', () => {
  const milestones = book();
  expect([early, { ...early, usage: once }, last].map((report) => milestones.hear(report))).toEqual([true, true, true]);
  expect(milestones.usages).toEqual([once]);
  expect([...milestones.overs]).toEqual(['login']);
});

test('a word from a time to come is nobody’s, and keeps no later one from being heard', () => {
  const milestones = book();
  expect(milestones.hear({ ...early, told: NOW + 3_600_000 })).toBe(false);
  expect(milestones.hear(last)).toBe(true);
});

test('a milestone on older code, which does not say when it speaks, is heard as it comes', () => {
  const milestones = book();
  const { told: _, ...unordered } = early;
  expect([last, unordered].map((report) => milestones.hear(report))).toEqual([true, true]);
});

test('the order is kept with the milestone, and is nothing that is shown', () => {
  const milestones = book();
  milestones.hear(last);
  const further = new MilestoneBook(milestones);
  expect(further.hear(early)).toBe(false);
  expect(further.statuses[0]).not.toHaveProperty('told');
});
