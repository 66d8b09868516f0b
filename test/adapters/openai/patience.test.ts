import { setTimeout as pause } from 'node:timers/promises';
import type { ScriptedAnswer } from '../../../scripts/scripted-model/server';
import { collectGarbage } from '../../collect-garbage';
import { until } from '../../until';
import { answers, call, failure, fails, listening, model, modelAt, scripted, start, type Answering } from './calling';

describe('what stalls', () => {
  const limits = { outputTokens: 1_000, totalSeconds: 1.2, idleSeconds: 0.4 };

  test('silence ends at the idle limit', async () => {
    const error = await fails({ silence: true }, { limits });
    expect(error).toMatchObject({ type: 'ModelStalled', nonRetryable: false });
    expect(error.message).toContain('said nothing for 0.4 s');
  });

  // Node's fetch forgets the signal that it was given when it collects its garbage.
  test.each<[string, Answering]>([
    ['an answer', ({ write }) => (write(word('abcd')), new Promise(() => undefined))],
    ['a refusal', ({ refuse }) => (refuse('{'), new Promise(() => undefined))],
  ])('%s that dries up ends at the idle limit, though garbage was collected meanwhile', async (_, answering) => {
    const server = await listening(answering);
    const answer = failure(modelAt(server.url).answer(call({ limits })));
    await pause(100);
    await collectGarbage();
    expect((await answer).message).toContain('said nothing for 0.4 s');
  });

  test('a stream that dries up ends at the idle limit, and what it said is counted', async () => {
    const server = await listening(() => word('abcd'), 'open');
    const error = await failure(modelAt(server.url).answer(call({ limits })));
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('said nothing') });
    expect(error.details).toMatchObject([{ usage: { outputTokens: 1 } }]);
  });

  test('single bytes that drip in are no sign of life', async () => {
    const error = await fails({ drip: { everyMs: 20 }, text: 'slow' }, { limits });
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('said nothing for 0.4 s') });
  });

  test('a stream that never comes to its end is ended at the total limit', async () => {
    const server = await listening(({ write }) => repeat(100, () => write(word('on and '))));
    const error = await failure(modelAt(server.url).answer(call({ limits })));
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('not done after 1.2 s') });
  });

  test('not a slow answer that keeps saying that it comes', async () => {
    const server = await listening(async ({ write }) => {
      await repeat(8, () => write(': still thinking\n\n'));
      return word('at last', 'stop');
    });
    expect(await modelAt(server.url).answer(call({ limits }))).toMatchObject({ said: 'text', text: 'at last' });
  });

  test('not an answer that is whole and only does not hang up', async () => {
    const server = await listening(() => `${word('ok', 'stop')}data: [DONE]\n\n`, 'open');
    const answer = await modelAt(server.url).answer(call({ limits: PATIENT }));
    expect(answer).toMatchObject({ said: 'text', text: 'ok' });
  });
});

const LIMIT_CHARS = 1_000 * 8;

/** More than a test may take. */
const PATIENT = { outputTokens: 1_000, totalSeconds: 600, idleSeconds: 600 };

const word = (content: string, finish_reason?: string) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason }] })}\n\n`;

async function repeat(times: number, write: () => void): Promise<undefined> {
  for (let i = 0; i < times; i++) {
    write();
    await new Promise((tick) => setTimeout(tick, 100));
  }
}

describe('what is without end', () => {
  const HUGE_BYTES = 50_000_000;
  // What ends these is their size: a busy machine may well be silent for seconds.
  const limits = { outputTokens: 1_000, totalSeconds: 90, idleSeconds: 60 };

  test('a stream of 50 MB is cut off at the limit, and memory stays flat', async () => {
    let received = 0;
    const before = process.memoryUsage().rss;
    const answer = await answers({ huge: HUGE_BYTES }, { limits, onProgress: (chars) => (received = chars) });
    expect(answer.said).toBe('cut-off');
    expect((answer as { text: string }).text.length).toBeLessThan(LIMIT_CHARS + 1_000);
    expect(received).toBeLessThan(1_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    await until(() => scripted.calls.every(({ outcome }) => outcome !== 'started'));
    expect(scripted.calls).toMatchObject([{ outcome: 'aborted' }]);
  });

  test.each<[string, string]>([
    ['a plain body', 'application/json'],
    ['one line of a stream', 'text/event-stream'],
  ])('%s of 50 MB is cut off too', async (_, type) => {
    let received = 0;
    const body = `data: "${'x'.repeat(HUGE_BYTES)}`;
    const answer = await answers(
      { status: 200, headers: { 'content-type': type }, body },
      { limits, onProgress: (chars) => (received = chars) },
    );
    expect(answer).toMatchObject({ said: 'cut-off', text: '' });
    expect(received).toBeLessThan(1_000_000);
  });

  test('a refusal of 50 MB is read to its first lines', async () => {
    const error = await fails({ status: 500, body: 'x'.repeat(HUGE_BYTES) }, { limits });
    expect(error.type).toBe('ModelUnavailable');
    expect(error.message.length).toBeLessThan(500);
  });
});

describe('cancellation', () => {
  test.each<[string, ScriptedAnswer]>([
    ['in silence', { silence: true }],
    ['in the middle of a stream', { drip: { everyMs: 5 }, text: 'x'.repeat(5_000) }],
  ])('ends a call %s at once, with the reason it was given', async (_, answer) => {
    await start(() => answer);
    const cancelled = new AbortController();
    const reason = new Error('CancelledFailure');
    const answering = model().answer(call({ signal: cancelled.signal, limits: PATIENT }));
    setTimeout(() => cancelled.abort(reason), 200);
    await expect(answering).rejects.toBe(reason);
    await until(() => scripted.calls.every(({ outcome }) => outcome !== 'started'));
    expect(scripted.calls).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('before the call asks nothing', async () => {
    await start(() => ({ empty: true }));
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(model().answer(call({ signal }))).rejects.toThrow('too late');
    expect(scripted.calls).toEqual([]);
  });
});
