// An endpoint to call, scripted or bare, and the calls to make of it.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure } from '@temporalio/common';
import {
  startScriptedModel,
  type Scenario,
  type ScriptedAnswer,
  type ScriptedModel,
} from '../../../scripts/scripted-model/server';
import type { ModelAnswer, ModelCall } from '../../../src/activities/ports';
import { createOpenAIModel } from '../../../src/adapters/openai-model';

export const KEY = 'sk-very-secret-0123456789';

export let scripted: ScriptedModel;
export const start = async (scenario: Scenario) => (scripted = await startScriptedModel({ scenario }));
afterEach(() => scripted?.close());

export const model = (apiKey: string | undefined = KEY) =>
  createOpenAIModel({ endpoints: () => ({ baseURL: scripted.url, apiKey }) });

export const call = (more: Partial<ModelCall> = {}): ModelCall => ({
  alias: 'frontier',
  model: 'any-model',
  // Longer than a test may take: whoever asks about silence has limits of its own.
  limits: { outputTokens: 1_000, totalSeconds: 600, idleSeconds: 600 },
  price: { inputUsdPerMillion: 2, outputUsdPerMillion: 10 },
  messages: [
    { role: 'system', content: 'You write code.' },
    { role: 'user', content: 'Please.' },
  ],
  tools: [],
  schema: { name: 'Change', json: { type: 'object' } },
  headers: { 'x-millwright-stage': 'implement', 'x-millwright-iteration': '3' },
  idempotencyKey: 'run/project/milestone/implement/3',
  signal: new AbortController().signal,
  ...more,
});

export const answers = async (answer: ScriptedAnswer, more: Partial<ModelCall> = {}): Promise<ModelAnswer> => {
  await start(() => answer);
  return model().answer(call(more));
};

export const fails = async (answer: ScriptedAnswer, more: Partial<ModelCall> = {}): Promise<ApplicationFailure> => {
  await start(() => answer);
  return failure(model().answer(call(more)));
};

export async function failure(answering: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await answering.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

export const events = (...data: unknown[]): ScriptedAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''),
});
export const delta = (content: string, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

export const everything = (error: Error): string =>
  JSON.stringify([error.message, error.stack, error.cause, { ...error }]);

/** Calls the bare endpoint at this address. */
export const modelAt = (baseURL: string, apiKey: string | undefined = KEY) =>
  createOpenAIModel({ endpoints: () => ({ baseURL, apiKey }) });

type Said = string | object | undefined;
export type Write = (text: string) => void;
export type Asked = {
  body: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  write: Write;
  refuse: Write;
  /** Breaks the connection, and throws away what was not read yet. */
  reset(): void;
};
export type Answering = (asked: Asked) => Said | Promise<Said>;

const bare: Server[] = [];
afterEach(() => bare.splice(0).forEach((server) => (server.close(), server.closeAllConnections())));

/** A bare endpoint: an object is an error with status 400, a string the (rest of the) stream, nothing a short answer. */
export async function listening(answering: Answering, ending: 'end' | 'open' = 'end') {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => void reply());
    async function reply() {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      const stream = { 'content-type': 'text/event-stream' };
      const write = (text: string) => {
        if (!response.headersSent) response.writeHead(200, stream);
        response.write(text);
      };
      const refuse = (text: string) => void response.writeHead(500).write(text);
      const reset = () => void request.socket.resetAndDestroy();
      const said = await answering({ body, headers: request.headers, write, refuse, reset });
      if (typeof said === 'object') return response.writeHead(400).end(JSON.stringify(said));
      write(said ?? 'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\n');
      if (ending === 'end') response.end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  bare.push(server);
  return { url };
}
