// A scripted model: a real HTTP server that speaks the OpenAI chat API and answers from a scenario. It has no
// intelligence and says so: in its model's name, in a header of every response, and in its log.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson } from './delivery';
import { createExchange } from './exchange';
import { openJournal, type LoggedCall } from './journal';
import { errorBody } from './reply';
import type { Scenario } from './scenario';

export type { LoggedCall } from './journal';
export type { ChatMessage, Scenario, ScriptedAnswer, ScriptedCall } from './scenario';

export type ScriptedModelOptions = {
  scenario: Scenario;
  port?: number;
  logFile?: string;
  latencyMs?: number;
  logMessages?: boolean;
};

/** `calls` has one entry a request, in the order they came; its outcome is `started` until it ends. */
export type ScriptedModel = { url: string; calls: LoggedCall[]; close(): Promise<void> };

// Longer than clients keep idle connections: one closed under a request looks like a reset.
const KEEP_ALIVE_MS = 65_000;

const models = [{ id: 'scripted', object: 'model', created: 0, owned_by: 'a script; there is no model here' }];

export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const journal = openJournal(options.logFile);
  const { scenario, latencyMs = 0, logMessages = false } = options;
  const exchange = createExchange({ scenario, journal, latencyMs, logMessages });

  const server = createServer((request, response) => {
    response.setHeader('x-scripted-model', 'true');
    route(request, response).catch((error: unknown) => sendJson(response, 500, errorBody(String(error))));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls: journal.calls, close };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${request.method} ${request.url?.split('?')[0]}`;
    if (path === 'GET /health') return sendJson(response, 200, { status: 'ok', scripted: true });
    if (path === 'GET /v1/models') return sendJson(response, 200, { object: 'list', data: models });
    if (path === 'POST /v1/chat/completions') return exchange(request, response);
    sendJson(response, 404, errorBody(`there is no ${path} here`));
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  }
}
