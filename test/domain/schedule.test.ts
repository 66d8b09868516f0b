import fc from 'fast-check';
import { blockedBy, heldBack, mayBegin, type MilestoneResult, type Planned } from '../../src/domain/schedule';

const plan: Planned[] = [
  { id: 'a', title: '', dependencies: [] },
  { id: 'b', title: '', dependencies: ['a'] },
  { id: 'c', title: '', dependencies: ['a'] },
  { id: 'd', title: '', dependencies: ['b', 'c'] },
];
const merged: MilestoneResult = { outcome: 'merged', commit: 'x', candidate: 'y', approvedBy: 'ada' };
const abandoned: MilestoneResult = { outcome: 'abandoned', reason: '' };
const skipped: MilestoneResult = { outcome: 'skipped', reason: '' };
const limits = (maxParallel: number, maxWaiting = 2) => ({ maxParallel, maxWaiting });
const at = (results: Record<string, MilestoneResult>, ...running: string[]) => ({ results, running, waiting: [] });
const ids = (milestones: readonly { id: string }[]) => milestones.map(({ id }) => id);

test('a milestone begins when all it depends on is merged, and no more than allowed at once', () => {
  expect(ids(mayBegin(plan, at({}), limits(2)))).toEqual(['a']);
  expect(ids(mayBegin(plan, at({ a: merged }), limits(2)))).toEqual(['b', 'c']);
  expect(ids(mayBegin(plan, at({ a: merged }, 'b'), limits(2)))).toEqual(['c']);
  expect(ids(mayBegin(plan, at({ a: merged }, 'b'), limits(1)))).toEqual([]);
  expect(ids(mayBegin(plan, at({ a: merged, b: merged }), limits(2)))).toEqual(['c']);
});

test('one that fails blocks those that need it, and nobody else', () => {
  expect(blockedBy(plan, { results: { a: merged, b: abandoned }, running: ['c'] })).toEqual([{ id: 'd', by: 'b' }]);
  expect(ids(mayBegin(plan, at({ a: merged, b: abandoned }), limits(2)))).toEqual(['c']);
});

test('one that a person skipped stands in nobody’s way', () => {
  expect(ids(mayBegin(plan, at({ a: skipped }), limits(5)))).toEqual(['b', 'c']);
});

describe('while as many as allowed wait for a queue or a worker', () => {
  const more = { results: { a: merged }, running: ['x', 'y', 'z'], waiting: ['x', 'y'] };

  test('none begins, and those that would are held back', () => {
    expect(ids(mayBegin(plan, more, limits(5)))).toEqual([]);
    expect(ids(heldBack(plan, more, limits(5)))).toEqual(['b', 'c']);
  });

  test('nobody is held back for whom there is no room anyway, or who lacks what it needs', () => {
    expect(ids(heldBack(plan, more, limits(3)))).toEqual([]);
    expect(ids(heldBack(plan, { ...more, results: {}, running: ['a', 'x', 'y'] }, limits(5)))).toEqual([]);
  });

  test('it goes on as soon as fewer wait', () => {
    const fewer = { ...more, waiting: ['x'] };
    expect(ids(mayBegin(plan, fewer, limits(5)))).toEqual(['b', 'c']);
    expect(ids(heldBack(plan, fewer, limits(5)))).toEqual([]);
    expect(ids(mayBegin(plan, more, limits(5, 3)))).toEqual(['b', 'c']);
  });
});

test('every plan ends: each milestone begins once, or is blocked', () => {
  const plans = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 }).map((needs) =>
    needs.map((before, place): Planned => ({
      id: `m${place}`,
      title: '',
      dependencies: [...new Set(before.filter((need) => need < place).map((need) => `m${need}`))],
    })),
  );
  fc.assert(
    fc.property(
      plans,
      fc.infiniteStream(fc.constantFrom(merged, merged, abandoned, skipped)),
      fc.integer({ min: 1, max: 4 }),
      (milestones, outcomes, limit) => {
        const results: Record<string, MilestoneResult> = {};
        const begun: string[] = [];
        while (Object.keys(results).length < milestones.length) {
          const blocked = blockedBy(milestones, { results, running: [] });
          for (const { id } of blocked) results[id] = { outcome: 'blocked', reason: '' };
          const next = mayBegin(milestones, at(results), limits(limit));
          if (blocked.length === 0 && next.length === 0) throw new Error('it hangs');
          expect(next.length).toBeLessThanOrEqual(limit);
          for (const { id } of next) {
            begun.push(id);
            results[id] = outcomes.next().value!;
          }
        }
        expect(new Set(begun).size).toBe(begun.length);
      },
    ),
  );
});
