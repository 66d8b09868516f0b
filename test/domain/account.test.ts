import fc from 'fast-check';
import { Account, priceOf, type AccountState } from '../../src/domain/account';

type Step =
  { reserve: [string, number] } | { settle: [string, number | undefined] } | { budget: number } | { history: true };

const call = fc.constantFrom(...'abcdef');
const sum = fc.integer({ min: 0, max: 20 });
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ reserve: fc.tuple(call, sum) }),
    fc.record({ settle: fc.tuple(call, fc.option(sum, { nil: undefined })) }),
    fc.record({ budget: sum }),
    fc.record({ history: fc.constant(true as const) }),
  ),
  { maxLength: 30 },
);

/** What each open call has reserved, and what was spent: as plain as can be. */
class Books {
  readonly open = new Map<string, number>();
  spent = 0;
  get committed() {
    return [...this.open.values()].reduce((sum, usd) => sum + usd, this.spent);
  }
}

test('nothing is granted beyond the budget of that moment, and every cent is counted once', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const books = new Books();
      let account = new Account(20);
      for (const step of taken) {
        if ('history' in step) {
          const kept = JSON.parse(JSON.stringify(account.state)) as AccountState;
          account = new Account(kept.budgetUsd, kept);
        } else if ('budget' in step) account.budgetUsd = step.budget;
        else if ('settle' in step) {
          const [name, usd] = step.settle;
          books.spent += books.open.has(name) ? (usd ?? books.open.get(name)!) : 0;
          books.open.delete(name);
          account.settle(name, usd);
        } else {
          const [name, usd] = step.reserve;
          const before = account.budget.reservedUsd;
          const granted = account.reserve(name, usd);
          const taken = account.budget.reservedUsd - before;
          if (granted && !books.open.has(name)) books.open.set(name, taken);
          expect(granted || taken === 0).toBe(true);
          if (taken > 0) {
            expect(taken).toBeGreaterThanOrEqual(usd);
            expect(books.committed).toBeLessThanOrEqual(account.budgetUsd);
          }
        }
        expect(account.budget.spentUsd).toBe(books.spent);
        expect(account.budget.reservedUsd + books.spent).toBe(books.committed);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a call is reserved once and settled once', () => {
  const account = new Account(10);
  expect([account.reserve('a', 4), account.reserve('a', 4)]).toEqual([true, true]);
  account.settle('a', 3);
  account.settle('a', 3);
  account.settle('never reserved', 5);
  expect(account.budget).toEqual({ usd: 10, spentUsd: 3, reservedUsd: 0 });
});

test('without its cost a call costs what was reserved; so do all that a milestone leaves', () => {
  const account = new Account(10);
  account.reserve('m1/a', 2);
  account.reserve('m1/b', 3);
  account.reserve('m10/a', 4);
  account.settle('m1/a');
  account.settleAll('m1/');
  expect(account.budget).toEqual({ usd: 10, spentUsd: 5, reservedUsd: 4 });
});

test('the dearest call so far is reserved, where that was more than one answer', () => {
  const account = new Account(10);
  account.reserve('a', 1);
  account.settle('a', 6);
  expect(account.reserve('b', 1)).toBe(false);
  account.budgetUsd = 12;
  expect(account.reserve('b', 1)).toBe(true);
  expect(account.budget.reservedUsd).toBe(6);
});

test('what costs nothing is never held back', () => {
  const account = new Account(1);
  account.reserve('a', 1);
  account.settle('a', 5);
  expect([account.reserve('free', 0), account.reserve('dear', 0.0001)]).toEqual([true, false]);
});

test('the price of an answer is that of all its tokens', () => {
  const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 };
  expect(priceOf({ price, limits: { outputTokens: 50_000, totalSeconds: 1, idleSeconds: 1 } })).toBe(0.5);
});
