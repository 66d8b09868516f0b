import { inTurn } from '../../../scripts/trial/in-turn';

const numbers = [1, 2, 3, 4, 5, 6, 7];

test('all are done, and never more at once than may be', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  const work = async (number: number) => {
    most = Math.max(most, ++now);
    await new Promise((tick) => setTimeout(tick, 5));
    now -= 1;
    return number * 10;
  };
  await inTurn(numbers, { atOnce: 3, over: () => false }, work, (result) => done.push(result));
  expect(done.sort((a, b) => a - b)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
});

test('once it is over nothing is begun, and what ends then is not told', async () => {
  let over = false;
  const begun: number[] = [];
  const done: number[] = [];
  const work = (number: number) => {
    begun.push(number);
    // The third brings the end, and the second one is under way until after it.
    if (number === 3) over = true;
    return new Promise<number>((resolve) => setTimeout(() => resolve(number), number === 2 ? 20 : 0));
  };
  await inTurn(numbers, { atOnce: 2, over: () => over }, work, (result) => done.push(result));
  expect({ begun, done }).toEqual({ begun: [1, 2, 3], done: [1] });
});
