import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startScriptedModel,
  type Scenario,
  type ScriptedCall,
  type ScriptedModel,
} from '../scripts/scripted-model/server';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'scripted-model-'));
const headers = {
  'content-type': 'application/json',
  'x-millwright-project': 'shop',
  'x-millwright-milestone': 'login',
  'x-millwright-stage': 'implement',
  'x-millwright-agent': 'implementer',
  'x-millwright-iteration': '2',
  'x-millwright-part': 'api',
};
const question = {
  model: 'any',
  messages: [{ role: 'user', content: 'please' }],
  response_format: { type: 'json_schema', json_schema: { name: 'Change', schema: {} } },
};

let scripted: ScriptedModel | undefined;
const start = async (scenario: Scenario, more: { logFile?: string; logMessages?: boolean } = {}) =>
  (scripted = await startScriptedModel({ scenario, ...more }));

const ask = (body: object = question, more: Record<string, string> = {}) =>
  fetch(`${scripted!.url}/chat/completions`, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  });

type Completion = { model: string; choices: { message: { content: string } }[]; usage: Record<string, number> };
const completion = async (response: Response) => (await response.json()) as Completion;

afterEach(() => scripted?.close());
afterAll(() => rmSync(folder, { recursive: true }));

test('tells the scenario who is asking for what', async () => {
  const calls: ScriptedCall[] = [];
  await start((call) => {
    calls.push(call);
    return { json: { ok: true } };
  });
  const messages = [...question.messages, { role: 'assistant', content: 'no' }, { role: 'user', content: 'again' }];
  const tools = [{ type: 'function', function: { name: 'read', parameters: {} } }];
  await ask({ ...question, messages, tools }, { authorization: 'Bearer sesame', 'idempotency-key': 'k' });
  expect(calls).toMatchObject([
    { project: 'shop', milestone: 'login', stage: 'implement', agent: 'implementer', iteration: 2, part: 'api' },
  ]);
  expect(calls).toMatchObject([
    { schema: 'Change', turn: 2, tools: ['read'], key: 'k', attempt: 1, apiKey: 'sesame', messages },
  ]);
});

test('says in every answer that it is a script', async () => {
  await start(() => ({ text: 'hello' }));
  const response = await ask();
  expect(response.headers.get('x-scripted-model')).toBe('true');
  expect(await completion(response)).toMatchObject({ model: 'scripted/any' });
  expect(scripted!.calls).toMatchObject([{ scripted: true, outcome: 'answered' }]);
});

test('streams events that end with the usage that was asked for', async () => {
  await start(() => ({ text: 'x'.repeat(1000) }));
  const body = { ...question, stream: true, stream_options: { include_usage: true } };
  const response = await ask(body);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = (await response.text()).trim().split('\n\n');
  expect(events.at(-1)).toBe('data: [DONE]');
  expect(JSON.parse(events.at(-2)!.slice('data: '.length))).toMatchObject({
    choices: [],
    usage: { completion_tokens: 250 },
  });
});

test('gives a key that was answered whole the same answer again, and says so in the log', async () => {
  let asked = 0;
  await start(() => ({ json: { asked: ++asked } }));
  const first = await completion(await ask(question, { 'idempotency-key': 'k' }));
  const again = await completion(await ask(question, { 'idempotency-key': 'k' }));
  const other = await completion(await ask(question, { 'idempotency-key': 'other' }));
  expect(again.choices).toEqual(first.choices);
  expect(other.choices).not.toEqual(first.choices);
  expect(scripted!.calls).toMatchObject([{ repeated: false }, { repeated: true, attempt: 2 }, { repeated: false }]);
});

test('shows a repeated key that came with another prompt', async () => {
  await start(() => ({ text: 'same' }));
  await ask(question, { 'idempotency-key': 'k' });
  await ask({ ...question, messages: [{ role: 'user', content: 'else' }] }, { 'idempotency-key': 'k' });
  expect(scripted!.calls[1]).toMatchObject({ repeated: true, otherPrompt: true });
});

test('asks the scenario again when the first answer was a fault', async () => {
  await start(({ attempt }) => (attempt === 1 ? { status: 503 } : { text: 'now' }));
  expect((await ask(question, { 'idempotency-key': 'k' })).status).toBe(503);
  expect((await ask(question, { 'idempotency-key': 'k' })).status).toBe(200);
  expect(scripted!.calls.map((call) => call.outcome)).toEqual([503, 'answered']);
});

test.each([
  ['throws', () => expectNothingMore()],
  ['answers nothing', () => undefined as never],
])('makes an extra call a 500 that nobody should retry, when the script %s', async (_, scenario) => {
  await start(scenario);
  const response = await ask();
  expect(response.status).toBe(500);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(scripted!.calls).toMatchObject([{ outcome: 500, error: expect.stringContaining('no') }]);
});

function expectNothingMore(): never {
  throw new Error('there is no answer left');
}

test('logs a line when a call starts and one when it ends', async () => {
  const logFile = join(folder, 'calls.log');
  await start(() => ({ text: 'fine' }), { logFile, logMessages: true });
  await ask();
  const lines = readFileSync(logFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { outcome: 'started', stage: 'implement', messages: question.messages },
    { outcome: 'answered', outputTokens: 1, inputTokens: Math.ceil(scripted!.calls[0]!.promptChars / 4) },
  ]);
});

test('logs a caller who hung up as aborted', async () => {
  await start(() => ({ silence: true }));
  const caller = new AbortController();
  const { signal } = caller;
  const answering = fetch(`${scripted!.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(question),
    signal,
  });
  const broken = expect(answering).rejects.toThrow('hung up');
  await until(() => scripted!.calls.length > 0);
  caller.abort(new Error('hung up'));
  await broken;
  await until(() => scripted!.calls.every(({ outcome }) => outcome !== 'started'));
  expect(scripted!.calls).toMatchObject([{ outcome: 'aborted', inputTokens: 0 }]);
});

test('lists its model and its health', async () => {
  await start(() => ({ empty: true }));
  expect(await (await fetch(`${scripted!.url}/models`)).json()).toMatchObject({ data: [{ id: 'scripted' }] });
  expect((await fetch(new URL('/health', scripted!.url))).status).toBe(200);
});

describe('as a process', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  test('prints where it listens, keeps its log, and ends cleanly when told to', async () => {
    const scenario = join(folder, 'scenario.ts');
    const log = join(folder, 'process.log');
    writeFileSync(scenario, `export const scenario = () => ({ text: 'from a file' });`);
    const main = join(__dirname, '../scripts/scripted-model/main.ts');
    child = spawn(process.execPath, ['--import', 'tsx', main, '--scenario', scenario, '--log', log]);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())![0];
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(question),
    });
    expect((await completion(response)).choices[0]!.message.content).toBe('from a file');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(2);
  });
});
