// A clock that is set while work is under way: by an hour ahead, by an hour back. What is measured is time that has passed.
import { MockActivityEnvironment } from '@temporalio/testing';
import { alive } from '../../src/activities/alive';
import { Usage } from '../../src/domain/usage';
import { call, model, start } from '../adapters/openai/calling';

const HOUR_MS = 3_600_000;
const clocks = [
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
] as const;

afterEach(() => jest.restoreAllMocks());

function setClock(byMs: number): void {
  const now = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + byMs);
}

const attempt = <T>(work: (awake: () => void) => Promise<T>): Promise<T> =>
  new MockActivityEnvironment({ heartbeatTimeoutMs: 15_000 }).run(() => alive((_, awake) => work(awake)));

test.each(clocks)('set %s, it takes no work from a worker that never stood still', async (_, byMs) => {
  const done = attempt(async (awake) => {
    setClock(byMs);
    awake();
    return 'done';
  });
  await expect(done).resolves.toBe('done');
});

test('a worker that stood still is known by the time that has passed, whatever its clock says', async () => {
  const stood = attempt((awake) => {
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 60_000);
    awake();
    return Promise.resolve();
  });
  await expect(stood).rejects.toMatchObject({ type: 'StaleAttempt' });
});

test.each(clocks)('set %s during a call of a model, the account says how long the call took', async (_, byMs) => {
  await start(() => {
    setClock(byMs);
    return { json: { ok: true } };
  });
  const { usage } = await model().answer(call({ limits: { outputTokens: 1_000, totalSeconds: 120, idleSeconds: 60 } }));
  expect(Usage.parse(usage).ms).toBeLessThan(HOUR_MS / 2);
});
