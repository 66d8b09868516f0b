// Runs that continue each other find an effect by what went into it; all others by their own key alone.
import { inSession, ofSession } from '../../src/activities/session';
import type { EffectKey } from '../../src/domain/names';

const key: EffectKey = { project: 'p', milestone: 'm', runId: 'second', stage: 'code', iteration: 1 };
const task = { key, repository: '/r', at: 'now', feedback: ['a'] };
const activities = inSession({
  keyOf: async (given: typeof task & { session?: string; given?: unknown }) => given.key,
});
const keyOf = activities.keyOf;

test('without a session a task goes through as it is', async () => {
  expect(await keyOf(task)).toBe(key);
});

describe('in a session', () => {
  const session = 'first';
  const first = keyOf({ ...task, session });

  test('the key names the session, whichever run asks, and whenever', async () => {
    const other = { ...task, key: { ...key, runId: 'third' }, at: 'later', session };
    expect(await keyOf(other)).toEqual(await first);
    expect(await first).toMatchObject({ ...key, runId: expect.stringMatching(/^first~[0-9a-f]{32}$/) });
    expect(ofSession((await first).runId, session)).toBe(true);
    expect(ofSession((await first).runId, 'firs')).toBe(false);
  });

  test.each([
    ['what it is told', { feedback: ['b'] }],
    ['the repository', { repository: '/other' }],
  ])('%s makes it another one', async (_, more) => {
    expect(await keyOf({ ...task, ...more, session })).not.toEqual(await first);
  });

  test('where a task names what it is found by, only that counts', async () => {
    const named = await keyOf({ ...task, session, given: 1 });
    expect(await keyOf({ ...task, feedback: ['b'], session, given: 1 })).toEqual(named);
    expect(await keyOf({ ...task, session, given: 2 })).not.toEqual(named);
  });
});
