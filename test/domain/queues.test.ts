import { aheadOf, isAttended } from '../../src/domain/queues';

describe('a queue', () => {
  test.each([
    ['whose worker has just asked for work', [3], [], true],
    ['whose worker has had its hands full for an hour, and is heard', [], [40], true],
    ['whose worker has had its hands full for two minutes, of a server that hears none', [120], [], true],
    ['that never had a worker', [], [], false],
    ['whose worker died two minutes ago, as both tell', [120], [130], false],
    ['whose worker died long ago, and is still on record', [], [86_400], false],
    ['of which one worker died and another is at work', [200], [86_400, 20], true],
    ['whose new worker has asked, but was not heard yet', [10], [86_400], true],
  ])('%s', (_, polledSecondsAgo, heardSecondsAgo, attended) => {
    expect(isAttended({ polledSecondsAgo, heardSecondsAgo })).toBe(attended);
  });
});

test('those ahead are as urgent or more so, without the task itself', () => {
  const waiting = [
    { priorityKey: 1, tasks: 1 },
    { priorityKey: 2, tasks: 12 },
    { priorityKey: 3, tasks: 40 },
  ];
  expect(aheadOf(2, waiting)).toBe(12);
  expect(aheadOf(1, waiting)).toBe(0);
});

test('a count that lags behind is no negative number', () => {
  expect(aheadOf(2, [])).toBe(0);
});
