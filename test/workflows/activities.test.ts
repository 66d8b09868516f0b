// With how much patience each activity is called, where what it lacks is a worker.
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import type { ActivityOptions } from '@temporalio/common';
import { queues } from '../../src/domain/queues';
import * as activities from '../../src/workflows/activities';

jest.mock('@temporalio/workflow', () => ({ proxyActivities: (options: ActivityOptions) => options }));
jest.mock('../../src/workflows/timeline', () => ({ told: (called: object) => called }));

const calls = Object.entries(activities as unknown as Record<string, ActivityOptions>);
const AWAY_MS = 10 * 60_000;

// Of those the run thinks no worse than that there was no answer, and asks anew: an opening after half a minute, a look at its next turn.
const ASKED_ANEW = ['beginning', 'looks'];

test.each(calls.filter(([name]) => !ASKED_ANEW.includes(name)))(
  '%s: what has begun when all workers die is not given up before they are back, ten minutes later',
  (_, { startToCloseTimeout, scheduleToCloseTimeout }) => {
    const inHand = msOptionalToNumber(startToCloseTimeout)!;
    const inAll = msOptionalToNumber(scheduleToCloseTimeout) ?? Infinity;
    expect(inAll).toBeGreaterThan(inHand + AWAY_MS);
  },
);

test.each(calls)(
  '%s: only where the run stands in a queue and says so, it is told that no worker came',
  (_, options) => {
    const stands = ([queues.agents, queues.sandbox, queues.gate] as string[]).includes(options.taskQueue!);
    expect(options.scheduleToStartTimeout !== undefined).toBe(stands);
  },
);

test('all calls are looked at', () => {
  expect(calls.map(([name]) => name)).toEqual(
    expect.arrayContaining(['agents', 'ledger', 'signatures', ...ASKED_ANEW]),
  );
});
