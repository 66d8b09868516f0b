import { startScriptedModel, type ScriptedAnswer } from '../../../scripts/scripted-model/server';
import { startUnaccepted } from '../../unaccepted';
import {
  KEY,
  answers,
  call,
  delta,
  events,
  everything,
  failure,
  fails,
  model,
  modelAt,
  scripted,
  start,
} from './calling';

describe('what is tried again', () => {
  test.each([
    [408, 'ModelStalled'],
    [429, 'ModelRateLimited'],
    [504, 'ModelStalled'],
    ...[409, 500, 502, 503, 529].map((status) => [status, 'ModelUnavailable'] as const),
  ] as const)('HTTP %i is, and asked only once here', async (status, type) => {
    const error = await fails({ status });
    expect(error).toMatchObject({ type, nonRetryable: false });
    expect(error.message).toContain(`model frontier at 127.0.0.1:`);
    expect(error.message).toContain(`said HTTP ${status}`);
    expect(error.nextRetryDelay).toBeUndefined();
    expect(scripted.calls).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, number, number]>([
    ['seconds', { 'retry-after': '7' }, 7_000, 7_000],
    ['a date', { 'retry-after': new Date(Date.now() + 600_000).toUTCString() }, 300_000, 600_000],
    ['retry-after-ms', { 'retry-after-ms': '150', 'retry-after': '7' }, 150, 150],
    ['a day, capped', { 'retry-after': '86400' }, 900_000, 900_000],
  ])('waits as long as Retry-After says in %s', async (_, headers, least, most) => {
    const { type, nextRetryDelay } = await fails({ status: 429, headers });
    expect(type).toBe('ModelRateLimited');
    expect(nextRetryDelay).toBeGreaterThanOrEqual(least);
    expect(nextRetryDelay).toBeLessThanOrEqual(most);
  });

  test.each(['0', '-1', 'soon', new Date(0).toUTCString()])(
    'waits by its own policy for Retry-After: %s',
    async (after) => {
      expect((await fails({ status: 503, headers: { 'retry-after': after } })).nextRetryDelay).toBeUndefined();
    },
  );

  test('a connection that nobody accepts', async () => {
    await start(() => ({ empty: true }));
    await scripted.close();
    const error = await failure(model().answer(call()));
    expect(error).toMatchObject({ type: 'ModelUnavailable', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('a connection that does not come about, and it says so', async () => {
    const unaccepted = await startUnaccepted();
    const error = await failure(modelAt(unaccepted.url).answer(call()));
    await unaccepted.close();
    expect(error).toMatchObject({ type: 'ModelUnavailable', nonRetryable: false });
    expect(error.message).toContain('UND_ERR_CONNECT_TIMEOUT');
    expect(error.message).toContain(new URL(unaccepted.url).host);
    expect(error.details).toMatchObject([
      { usage: { inputTokens: 0, outputTokens: 0, costUsd: 0, ms: expect.any(Number) } },
    ]);
  });

  test.each<[string, ScriptedAnswer, string]>([
    ['a reset before the first word', { resetAfterChars: 0, text: 'x' }, 'broke off'],
    ['a reset in the middle of the stream', { resetAfterChars: 500, text: 'x'.repeat(2_000) }, 'broke off'],
    ['a stream that ends in the middle', { truncated: '{"files":[' }, 'ended before it was finished'],
    ['a page of HTML with status 200', { garbage: '<html>Welcome</html>' }, 'not a completion: <html>Welcome'],
    ['an event that is not JSON', { ...events(), body: 'data: {"id\n\n' } as ScriptedAnswer, 'not a completion: {"id'],
    ['an event of another shape', events({ choices: 'none' }), 'not a completion: {"choices"'],
    ['a body that is no completion', { status: 200, body: { detail: 'hello' } }, 'not a completion'],
    ['an error with status 200', { status: 200, body: { error: { message: 'overloaded' } } }, 'overloaded'],
    ['an error in the stream', events(delta('a'), { error: { message: 'crashed', type: 'server_error' } }), 'crashed'],
    ['nothing with status 204', { status: 204, body: '' }, 'no body'],
  ])('%s', async (_, answer, words) => {
    const error = await fails(answer);
    expect(error).toMatchObject({ type: 'ModelUnavailable', nonRetryable: false });
    expect(error.message).toContain(words);
  });

  test('a plain body that is cut in the middle', async () => {
    const body = '{"choices":[{"message":{"content":"{\\"files\\":';
    const error = await fails({ status: 200, headers: { 'content-type': 'application/json' }, body });
    expect(error).toMatchObject({ type: 'ModelUnavailable' });
    expect(error.details).toMatchObject([{ usage: { outputTokens: Math.ceil(body.length / 4) } }]);
  });

  test('what the endpoint says will work again, whatever its status', async () => {
    expect((await fails({ status: 400, headers: { 'x-should-retry': 'true' } })).type).toBe('ModelUnavailable');
  });

  test('not what the endpoint says will not: that is blocked', async () => {
    expect(await answers({ status: 500, headers: { 'x-should-retry': 'false' } })).toMatchObject({ said: 'refusal' });
  });
});

describe('what a person must cure', () => {
  test.each<[string, ScriptedAnswer]>([
    ['401', { status: 401 }],
    ['402', { status: 402 }],
    ['403', { status: 403 }],
    ['404', { status: 404 }],
    ['a spent quota', { status: 429, body: { error: { code: 'insufficient_quota', message: 'pay' } } }],
    ['a spent quota, told in the stream', events({ error: { type: 'insufficient_quota', message: 'pay' } })],
  ])('%s waits for credentials and names the model and its endpoint', async (_, answer) => {
    const error = await fails(answer);
    expect(error).toMatchObject({ type: 'CredentialsRefused', nonRetryable: true });
    expect(error.message).toContain('the key of model frontier');
    expect(error.message).toContain(new URL(scripted.url).host);
  });

  test('a redirect, which is not followed', async () => {
    const stranger = await startScriptedModel({ scenario: () => ({ text: 'give me your key' }) });
    const error = await fails({ redirect: `${stranger.url}/chat/completions` });
    await stranger.close();
    expect(stranger.calls).toEqual([]);
    expect(error).toMatchObject({ type: 'CredentialsRefused', message: expect.stringContaining('redirect') });
  });

  test('a missing key is told as such', async () => {
    await start(({ apiKey }) => (apiKey === undefined ? { status: 401 } : { text: 'in' }));
    const error = await failure(model('').answer(call()));
    expect(error).toMatchObject({ type: 'CredentialsRefused', message: expect.stringContaining('it has no key') });
  });

  test.each([
    ['a key with a line break', 'http://127.0.0.1:1/v1', `${KEY}\n${KEY}`],
    ['an address that is none', `nowhere ${KEY}`, KEY],
    ['an address with a password', `http://me:${KEY}@127.0.0.1:1/v1`, KEY],
  ])('%s is refused at the door, and not shown', async (_, baseURL, apiKey) => {
    const error = await failure(modelAt(baseURL, apiKey).answer(call()));
    expect(error.type).toBe('CredentialsRefused');
    expect(everything(error)).not.toContain(KEY);
  });
});

describe('the key', () => {
  const repeated = `Incorrect API key provided: ${KEY}. ${KEY}`;
  test.each<[string, ScriptedAnswer]>([
    ['a refusal that repeats it', { status: 401, body: { error: { message: repeated } } }],
    ['an error in the stream', events({ error: { message: repeated } })],
    ['an error page', { status: 500, body: repeated }],
    ['a page with status 200', { garbage: repeated }],
    ['a page that is nothing else', { garbage: KEY }],
    ['an event that is nothing else', { ...events(), body: `data: ${KEY}\n\n` } as ScriptedAnswer],
  ])('is not in the failure of %s', async (_, answer) => {
    expect(everything(await fails(answer))).not.toContain(KEY.slice(0, 6));
  });

  test('is not in an answer that repeats it', async () => {
    const answer = await answers({ status: 400, body: { error: { message: repeated } } });
    expect(answer).toMatchObject({ said: 'refusal', reason: expect.stringContaining('[key]') });
    expect(JSON.stringify(answer)).not.toContain(KEY);
  });
});

test('a call that no header can carry is refused as invalid, not retried', async () => {
  await start(() => ({ empty: true }));
  const error = await failure(model().answer(call({ headers: { 'x-millwright-project': 'größe \u2028' } })));
  expect(error).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
});
