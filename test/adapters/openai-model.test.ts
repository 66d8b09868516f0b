import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import type { ModelCall } from '../../src/activities/ports';
import { until } from '../until';
import { KEY, answers, call, delta, events, fails, listening, modelAt, scripted, type Asked } from './openai/calling';

describe('what is asked', () => {
  test('asks for the schema strictly, with a limit, as a stream that tells its usage', async () => {
    const { body, headers } = await asked(call());
    expect(body).toMatchObject({
      model: 'any-model',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 1_000,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'Change', schema: { type: 'object' }, strict: true },
      },
    });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('max_tokens');
    expect(headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'idempotency-key': 'run/project/milestone/implement/3',
      'x-millwright-iteration': '3',
      'x-stainless-retry-count': '0',
    });
  });

  test('shows tools, the calls of them that were made, and what they returned', async () => {
    const tool = { name: 'read', description: 'reads a file', parameters: { type: 'object' } };
    const toolCalls = [{ id: 'c1', name: 'read', arguments: '{"path":"a.ts"}' }];
    const { body } = await asked(
      call({
        tools: [tool],
        messages: [
          { role: 'assistant', content: '', toolCalls },
          { role: 'tool', callId: 'c1', content: 'nothing' },
        ],
      }),
    );
    const wired = [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a.ts"}' } }];
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'assistant', content: null, tool_calls: wired },
        { role: 'tool', tool_call_id: 'c1', content: 'nothing' },
      ],
    });
  });

  test('sends no key where there is none, not even one from the environment', async () => {
    process.env.OPENAI_API_KEY = KEY;
    const { headers } = await asked(call(), '');
    delete process.env.OPENAI_API_KEY;
    expect(headers).not.toHaveProperty('authorization');
  });

  test('falls back to max_tokens, and to a stream without usage, where the newer words are unknown', async () => {
    const unknown = (field: string) => `[{'loc': ('body', '${field}'), 'msg': 'Extra inputs are not permitted'}]`;
    const bodies: Record<string, unknown>[] = [];
    const server = await listening(({ body }) => {
      bodies.push(body);
      const field = ['max_completion_tokens', 'stream_options'].find((name) => name in body);
      return field === undefined ? undefined : { error: { message: unknown(field) } };
    });
    const adapter = modelAt(server.url);
    expect(await adapter.answer(call())).toMatchObject({ said: 'text' });
    expect(await adapter.answer(call())).toMatchObject({ said: 'text' });
    expect(bodies).toHaveLength(4);
    expect(bodies[3]).toMatchObject({ max_tokens: 1_000 });
  });
});

describe('what is answered', () => {
  test('returns the text, what it cost, and who said it', async () => {
    const answer = await answers({ json: { files: ['a\u2028b', 'ü'.repeat(500)] } });
    expect(answer).toMatchObject({
      said: 'text',
      text: JSON.stringify({ files: ['a\u2028b', 'ü'.repeat(500)] }),
      model: 'scripted/any-model',
      usage: { calls: 1, inputTokens: scripted.calls[0]!.inputTokens, outputTokens: scripted.calls[0]!.outputTokens },
    });
    const { inputTokens, outputTokens, costUsd } = answer.usage;
    expect(costUsd).toBeCloseTo((inputTokens * 2 + outputTokens * 10) / 1e6, 12);
  });

  test('returns every tool call whole, with what was said beside them', async () => {
    const tools = [
      { name: 'read', arguments: { path: 'x'.repeat(500) } },
      { name: 'list', arguments: '{broken' },
    ];
    expect(await answers({ tools, text: 'Let me look.' })).toMatchObject({
      said: 'tools',
      text: 'Let me look.',
      calls: [
        { id: 'call_1_0_read', name: 'read', arguments: JSON.stringify({ path: 'x'.repeat(500) }) },
        { id: 'call_1_1_list', name: 'list', arguments: '{broken' },
      ],
    });
  });

  test('keeps tool calls apart that are all numbered 0, and names those without an id', async () => {
    const piece = (more: object) => ({ choices: [{ delta: { tool_calls: [more] }, finish_reason: null }] });
    const said = events(
      piece({ index: 0, id: 'a', function: { name: 'read', arguments: '1' } }),
      piece({ index: 0, id: 'b', function: { name: 'list', arguments: '2' } }),
      piece({ index: 2, function: { name: 'search', arguments: '3' } }),
      delta('', 'tool_calls'),
    );
    expect(await answers(said)).toMatchObject({
      calls: [
        { id: 'a', name: 'read', arguments: '1' },
        { id: 'b', name: 'list', arguments: '2' },
        { id: 'call-2', name: 'search', arguments: '3' },
      ],
    });
  });

  test.each<[string, ScriptedAnswer, object]>([
    ['a refusal', { refusal: 'I will not.' }, { said: 'refusal', reason: 'I will not.' }],
    ['a filtered answer', { filtered: true }, { said: 'filtered' }],
    ['an answer that was cut off', { cutOff: '{"files":[' }, { said: 'cut-off', text: '{"files":[' }],
    ['an empty answer', { empty: true }, { said: 'empty' }],
    ['an answer of blanks', { text: ' \n ' }, { said: 'empty' }],
  ])('returns %s as what it is, with its usage', async (_, answer, expected) => {
    expect(await answers(answer)).toMatchObject({ ...expected, usage: { calls: 1 } });
    expect(scripted.calls).toMatchObject([{ outcome: 'answered' }]);
  });

  test.each<[string, number, object, object]>([
    ['context_length_exceeded', 400, { code: 'context_length_exceeded', message: 'too many' }, { said: 'too-long' }],
    ['words about the context', 400, { message: 'prompt exceeds the context window' }, { said: 'too-long' }],
    [
      'a request over the rate limit by itself',
      429,
      { message: 'Request too large for any-model' },
      { said: 'too-long' },
    ],
    ['413', 413, { message: 'Payload Too Large' }, { said: 'too-long' }],
    ['the content filter', 400, { code: 'content_filter', message: 'filtered' }, { said: 'filtered' }],
    ['a bad schema', 400, { message: 'Invalid schema' }, { said: 'refusal' }],
    ['422', 422, { message: 'unprocessable' }, { said: 'refusal' }],
  ])('returns %s (HTTP %i) as an answer that a person decides about', async (_, status, error, expected) => {
    const answer = await answers({ status, body: { error } });
    expect(answer).toMatchObject({ ...expected, reason: expect.stringContaining(`HTTP ${status}`) });
    expect(answer.usage).toMatchObject({ inputTokens: 0, outputTokens: 0, costUsd: 0, calls: 1 });
    expect(scripted.calls).toHaveLength(1);
  });

  test('takes a plain completion from an endpoint that does not stream', async () => {
    const choices = [{ message: { role: 'assistant', content: '{"a":1}' }, finish_reason: 'stop' }];
    const body = { model: 'plain', choices, usage: { prompt_tokens: 12, completion_tokens: 3 } };
    expect(await answers({ status: 200, body })).toMatchObject({
      said: 'text',
      text: '{"a":1}',
      model: 'plain',
      usage: { inputTokens: 12, outputTokens: 3 },
    });
  });

  test('keeps an answer that was whole before the connection broke', async () => {
    const whole = 'data: {"choices":[{"delta":{"content":"done"},"finish_reason":"stop"}]}\n\n';
    let received = 0;
    const server = await listening(async ({ write, reset }) => {
      write(whole);
      await until(() => received >= whole.length);
      reset();
      return new Promise(() => undefined);
    });
    const answer = await modelAt(server.url).answer(call({ onProgress: (chars) => (received = chars) }));
    expect(answer).toMatchObject({ said: 'text', text: 'done' });
  });

  test('hears its own progress', async () => {
    const heard: number[] = [];
    await answers({ text: 'x'.repeat(2_000) }, { onProgress: (chars) => heard.push(chars) });
    expect(heard.at(-1)).toBeGreaterThan(2_000);
  });
});

describe('what it cost', () => {
  test.each<[string, ScriptedAnswer['usage']]>([
    ['absent', null],
    ['negative', { inputTokens: -5, outputTokens: -1 }],
    ['no number', { inputTokens: 'many', outputTokens: Number.NaN }],
    ['beyond belief', { inputTokens: 4e9, outputTokens: 1e12 }],
    ['nothing for something', { inputTokens: 0, outputTokens: 0 }],
  ])('is counted from the characters when usage is %s', async (_, usage) => {
    const answer = await answers({ text: 'x'.repeat(400), usage });
    expect(answer.usage).toMatchObject({
      inputTokens: scripted.calls[0]!.inputTokens,
      outputTokens: 100,
      estimated: 1,
    });
  });

  test('is what the endpoint says when that can be true, thoughts included', async () => {
    const { usage } = await answers({ text: 'x'.repeat(400), usage: { inputTokens: 77, outputTokens: 900 } });
    expect(usage).toMatchObject({ inputTokens: 77, outputTokens: 900 });
  });

  test('travels with the failure when the answer broke off', async () => {
    const error = await fails({ resetAfterChars: 400, text: 'x'.repeat(2_000) });
    expect(error.details).toMatchObject([{ usage: { calls: 1, outputTokens: 100 } }]);
    expect(error.details).toMatchObject([{ usage: { inputTokens: scripted.calls[0]!.inputTokens } }]);
  });

  test.each<[string, ScriptedAnswer]>([
    ['refused', { status: 503 }],
    ['put an error where the answer belongs', { status: 200, body: { error: { message: 'overloaded' } } }],
    ['sent a page of HTML', { garbage: '<html></html>' }],
  ])('is nothing but a call when the endpoint %s', async (_, answer) => {
    const error = await fails(answer);
    expect(error.details).toMatchObject([{ usage: { calls: 1, inputTokens: 0, outputTokens: 0, costUsd: 0 } }]);
  });
});

async function asked(asking: ModelCall, apiKey = KEY) {
  const seen: Asked[] = [];
  const server = await listening((request) => void seen.push(request));
  const adapter = modelAt(server.url, apiKey);
  await adapter.answer(asking);
  return seen[0]!;
}
