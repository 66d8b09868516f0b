// Model calls to any endpoint that speaks the OpenAI chat API. Streams, so that a stall is seen; never retries, so that
// Temporal does; counts what was paid for, also when the answer was lost.
import type { Model, ModelAnswer, ModelCall } from '../activities/ports';
import type { Usage } from '../domain/usage';
import { arriving } from './arriving';
import { checkEndpoint, clientOf, type Endpoint } from './openai/endpoint';
import { eventsOf, textOf } from './openai/events';
import { settle, Unaskable, type Fault } from './openai/failure';
import { answerOf, hear, heardWhole, isWhole, nothingHeard, type Heard } from './openai/heard';
import { startPatience, type Patience } from './openai/patience';
import { bodyOf, modernDialect, plainerDialect, promptChars, type Dialect } from './openai/request';
import { usageOf } from './openai/spent';
import { deepest, EndpointError, troubleOf } from './openai/trouble';

/** No answer of so many tokens is longer than this; an endpoint that goes on is cut off. */
const CHARS_PER_TOKEN_AT_MOST = 8;
/** An event, or a plain body, is longer than what it says: every character may be escaped, and there is a frame. */
const ESCAPED_CHARS = 6;
const FRAME_CHARS = 65_536;

export type Endpoints = (alias: string) => { baseURL: string; apiKey: string | undefined };

type Exchange = {
  call: ModelCall;
  endpoint: Endpoint;
  patience: Patience;
  heard: Heard;
  /** What was sent, once the endpoint has begun to answer it. */
  billedChars: number;
  began: number;
};

export function createOpenAIModel({ endpoints }: { endpoints: Endpoints }): Model {
  const dialects = new Map<string, Dialect>();

  return {
    async answer(call): Promise<ModelAnswer> {
      call.signal.throwIfAborted();
      const endpoint = checkEndpoint(call.alias, endpoints(call.alias));
      const patience = startPatience(call.limits, call.signal);
      const exchange: Exchange = {
        call,
        endpoint,
        patience,
        heard: nothingHeard(),
        billedChars: 0,
        began: performance.now(),
      };
      try {
        await listen(await ask(exchange), exchange);
      } catch (error) {
        call.signal.throwIfAborted();
        // Whatever breaks after the last word, the answer is paid for and whole.
        if (!isWhole(exchange.heard)) return settle(faultOf(exchange, error));
      } finally {
        patience.over();
      }
      const { heard } = exchange;
      return { ...answerOf(heard), usage: usageSoFar(exchange), model: heard.model ?? call.model };
    },
  };

  async function ask(exchange: Exchange): Promise<Response> {
    const dialect = dialects.get(exchange.call.alias) ?? modernDialect;
    try {
      return await post(exchange, dialect);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === undefined) throw new Unaskable(`cannot be asked: ${deepest(error)}`);
      const plainer = plainerDialect(dialect, trouble);
      if (plainer === undefined) throw error;
      // Not a retry: the endpoint answered nothing yet, it did not know a field.
      dialects.set(exchange.call.alias, plainer);
      return ask(exchange);
    }
  }
}

async function post(exchange: Exchange, dialect: Dialect): Promise<Response> {
  const { call, endpoint, patience } = exchange;
  const body = bodyOf(call, dialect);
  const headers = { ...call.headers, 'Idempotency-Key': call.idempotencyKey };
  const client = clientOf(endpoint);
  const response = await client.chat.completions.create(body, { signal: patience.signal, headers }).asResponse();
  if (response.body !== null && !contentType(response).includes('html')) exchange.billedChars = promptChars(body);
  return response;
}

async function listen(response: Response, exchange: Exchange): Promise<void> {
  const bytes = bytesOf(response, exchange);
  const limitChars = exchange.call.limits.outputTokens * CHARS_PER_TOKEN_AT_MOST;
  if (contentType(response).includes('event-stream')) await listenToEvents(bytes, limitChars, exchange);
  else await listenToBody(bytes, limitChars, exchange);
  if (!isWhole(exchange.heard)) throw new Error('the answer ended before it was finished');
}

async function listenToEvents(bytes: AsyncIterable<Uint8Array>, limitChars: number, { heard, patience }: Exchange) {
  for await (const data of eventsOf(bytes, limitChars * ESCAPED_CHARS + FRAME_CHARS, patience.heard)) {
    if (data === '[DONE]') patience.done();
    else hear(heard, data, limitChars);
  }
}

/** Not every endpoint streams: this one answers when it has finished. */
async function listenToBody(bytes: AsyncIterable<Uint8Array>, limitChars: number, { heard, patience }: Exchange) {
  const text = await textOf(bytes, limitChars * ESCAPED_CHARS + FRAME_CHARS, (chars) => {
    patience.heard();
    heard.spokenChars = chars;
  });
  Object.assign(heard, heardWhole(text, limitChars));
}

async function* bytesOf(response: Response, { call, patience }: Exchange): AsyncGenerator<Uint8Array> {
  if (response.body === null) throw new Error(`HTTP ${response.status} and no body`);
  let received = 0;
  for await (const bytes of arriving(response, patience.signal)) {
    received += bytes.length;
    call.onProgress?.(received);
    yield bytes;
  }
}

const contentType = (response: Response): string => response.headers.get('content-type') ?? '';

function faultOf(exchange: Exchange, error: unknown): Fault {
  const { call, endpoint, patience, heard } = exchange;
  // An error in place of an answer costs nothing, whatever its status.
  if (error instanceof EndpointError && heard.text === '' && heard.calls.length === 0) exchange.billedChars = 0;
  return { error: patience.stalled() ?? error, call, endpoint, usage: usageSoFar(exchange), text: heard.text };
}

function usageSoFar({ call, heard, billedChars, began }: Exchange): Usage {
  const receivedChars = billedChars === 0 ? 0 : heard.spokenChars + heard.thoughtChars;
  return usageOf({
    call,
    told: heard.usage,
    requestChars: billedChars,
    receivedChars,
    ms: Math.round(performance.now() - began),
  });
}
