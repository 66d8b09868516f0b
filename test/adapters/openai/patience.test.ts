import { setTimeout as pause } from 'node:timers/promises';
import type { ScriptedAnswer } from '../../../scripts/scripted-model/server';
import type { ModelCall } from '../../../src/activities/ports';
import { collectGarbage } from '../../collect-garbage';
import { startUnaccepted, type Unaccepted } from '../../unaccepted';
import { until } from '../../until';
import {
  answers,
  call,
  failure,
  fails,
  listening,
  model,
  modelAt,
  scripted,
  start,
  type Asked,
  type Write,
} from './calling';

/** How long Node's fetch waits for one. */
const CONNECTION_MS = 10_000;
let unaccepted: Unaccepted;
beforeAll(async () => (unaccepted = await startUnaccepted()));
afterAll(() => unaccepted.close());

/** A call that has begun to ask for a connection, and gets none. */
async function connecting(more: Partial<ModelCall>) {
  const before = unaccepted.asking();
  const answer = modelAt(unaccepted.url).answer(call(more));
  answer.catch(() => undefined); // whoever asks for it hears of it
  await until(() => unaccepted.asking() > before);
  return { answer };
}

/** Not only when Node gives the connection up. */
async function atOnce<T>(ended: Promise<T>): Promise<T> {
  const began = performance.now();
  const how = await ended;
  expect(performance.now() - began).toBeLessThan(CONNECTION_MS / 2);
  return how;
}

/** All but what the clocks of a call are made of. */
const REAL = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval'] as const),
];

describe('what stalls', () => {
  const limits = { outputTokens: 1_000, totalSeconds: 1.2, idleSeconds: 0.4 };

  // The clocks of a call stand still here, however slow the machine is, but for what `pass` lets pass.
  beforeEach(() => void jest.useFakeTimers({ doNotFake: REAL }));
  afterEach(() => void jest.useRealTimers());
  const pass = (seconds: number) => jest.advanceTimersByTime(seconds * 1000);

  /** A call under way of an endpoint that says what it is told to. */
  async function underway(more: Partial<ModelCall> = { limits }) {
    let asked: { write: Write; end: Write } | undefined;
    let received = 0;
    const server = await listening(({ write }) => new Promise((end) => (asked = { write, end })));
    const onProgress = (chars: number) => (received = chars);
    const answer = modelAt(server.url).answer(call({ onProgress, ...more }));
    answer.catch(() => undefined); // whoever asks for it hears of it
    await until(() => asked !== undefined);
    const hears = async (text: string) => {
      const before = received;
      asked!.write(text);
      await until(() => received > before);
    };
    return { answer, hears, end: asked!.end };
  }

  test('silence ends at the idle limit', async () => {
    await start(() => ({ silence: true }));
    const answer = failure(model().answer(call({ limits })));
    await until(() => scripted.calls.length > 0);
    pass(0.4);
    const error = await answer;
    expect(error).toMatchObject({ type: 'ModelStalled', nonRetryable: false });
    expect(error.message).toContain('said nothing for 0.4 s');
  });

  test.each<[string, Partial<ModelCall['limits']>]>([
    ['said nothing for 0.4 s', { idleSeconds: 0.4 }],
    ['was not done after 0.4 s', { totalSeconds: 0.4 }],
  ])('a connection that does not come about ends by the own clocks of its call: it %s', async (words, limit) => {
    const patient = { outputTokens: 1_000, totalSeconds: 600, idleSeconds: 600 };
    const { answer } = await connecting({ limits: { ...patient, ...limit } });
    await collectGarbage();
    pass(0.4);
    const error = await atOnce(failure(answer));
    expect(error).toMatchObject({ type: 'ModelStalled', nonRetryable: false });
    expect(error.message).toContain(words);
    expect(error.details).toMatchObject([{ usage: { calls: 1, inputTokens: 0, outputTokens: 0 } }]);
  });

  // Node's fetch forgets the signal that it was given when it collects its garbage.
  test.each<[string, (asked: Asked) => void]>([
    ['an answer', ({ write }) => write(word('abcd'))],
    ['a refusal', ({ refuse }) => refuse('{')],
  ])('%s that dries up ends at the idle limit, though garbage was collected meanwhile', async (_, begin) => {
    let begun = false;
    const server = await listening((asked) => (begin(asked), (begun = true), new Promise(() => undefined)));
    const answer = failure(modelAt(server.url).answer(call({ limits })));
    await until(() => begun);
    await pause(100);
    await collectGarbage();
    pass(0.4);
    expect((await answer).message).toContain('said nothing for 0.4 s');
  });

  test('a stream that dries up ends at the idle limit, and what it said is counted', async () => {
    const { answer, hears } = await underway();
    await hears(word('abcd'));
    pass(0.4);
    const error = await failure(answer);
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('said nothing') });
    expect(error.details).toMatchObject([{ usage: { outputTokens: 1 } }]);
  });

  test('single bytes that drip in are no sign of life', async () => {
    const { answer, hears } = await underway();
    for (const byte of 'data') {
      await hears(byte);
      pass(0.1);
    }
    const error = await failure(answer);
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('said nothing for 0.4 s') });
  });

  test('a stream that never comes to its end is ended at the total limit', async () => {
    const { answer, hears } = await underway();
    for (let passed = 0; passed < 4; passed++) {
      await hears(word('on and '));
      pass(0.3);
    }
    const error = await failure(answer);
    expect(error).toMatchObject({ type: 'ModelStalled', message: expect.stringContaining('not done after 1.2 s') });
  });

  test('not a slow answer that keeps saying that it comes', async () => {
    const { answer, hears, end } = await underway();
    for (let passed = 0; passed < 3; passed++) {
      await hears(': still thinking\n\n');
      pass(0.3);
    }
    end(word('at last', 'stop'));
    expect(await answer).toMatchObject({ said: 'text', text: 'at last' });
  });

  test('not an answer that is whole and only does not hang up', async () => {
    const { answer, hears } = await underway({});
    await hears(`${word('ok', 'stop')}data: [DONE]\n\n`);
    pass(1);
    expect(await answer).toMatchObject({ said: 'text', text: 'ok' });
  });
});

const word = (content: string, finish_reason?: string) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason }] })}\n\n`;

const LIMIT_CHARS = 1_000 * 8;

describe('what is without end', () => {
  const HUGE_BYTES = 50_000_000;

  test('a stream of 50 MB is cut off at the limit, and memory stays flat', async () => {
    let received = 0;
    const before = process.memoryUsage().rss;
    const answer = await answers({ huge: HUGE_BYTES }, { onProgress: (chars) => (received = chars) });
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
      { onProgress: (chars) => (received = chars) },
    );
    expect(answer).toMatchObject({ said: 'cut-off', text: '' });
    expect(received).toBeLessThan(1_000_000);
  });

  test('a refusal of 50 MB is read to its first lines', async () => {
    const error = await fails({ status: 500, body: 'x'.repeat(HUGE_BYTES) });
    expect(error.type).toBe('ModelUnavailable');
    expect(error.message.length).toBeLessThan(500);
  });
});

describe('cancellation', () => {
  test.each<[string, ScriptedAnswer, number]>([
    ['in silence', { silence: true }, 0],
    ['in the middle of a stream', { drip: { everyMs: 5 }, text: 'x'.repeat(5_000) }, 1],
  ])('ends a call %s at once, with the reason it was given', async (_, answer, least) => {
    await start(() => answer);
    const cancelled = new AbortController();
    const reason = new Error('CancelledFailure');
    let received = 0;
    const onProgress = (chars: number) => (received = chars);
    const ended = expect(model().answer(call({ signal: cancelled.signal, onProgress }))).rejects.toBe(reason);
    await until(() => scripted.calls.length > 0 && received >= least);
    cancelled.abort(reason);
    await ended;
    await until(() => scripted.calls.every(({ outcome }) => outcome !== 'started'));
    expect(scripted.calls).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('ends a call whose connection does not come about at once, too', async () => {
    const cancelled = new AbortController();
    const { answer } = await connecting({ signal: cancelled.signal });
    const reason = new Error('CancelledFailure');
    cancelled.abort(reason);
    await atOnce(expect(answer).rejects.toBe(reason));
  });

  test('before the call asks nothing', async () => {
    await start(() => ({ empty: true }));
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(model().answer(call({ signal }))).rejects.toThrow('too late');
    expect(scripted.calls).toEqual([]);
  });
});
