// One call on the scripted model, from its first line in the log to its last. A key that was answered whole gets
// the same answer again, as from a provider that honours idempotency keys.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { charsOf, completionOf, tokens, type Envelope } from './completion';
import { deliver, sendJson } from './delivery';
import type { Journal, LoggedCall } from './journal';
import { errorBody, replyTo, type Reply } from './reply';
import { ChatRequest, checkAnswer, readCall, type Scenario, type ScriptedAnswer, type ScriptedCall } from './scenario';

type Rules = { scenario: Scenario; journal: Journal; latencyMs: number; logMessages: boolean };
type Answered = { prompt: string; answer: ScriptedAnswer };

export function createExchange({ scenario, journal, latencyMs, logMessages }: Rules) {
  const asked = new Map<string, number>();
  const answered = new Map<string, Answered>();

  return async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseJson(await text(request));
    const parsed = ChatRequest.safeParse(body);
    if (!parsed.success) return sendJson(response, 400, errorBody(z.prettifyError(parsed.error)));
    const call = readCall(request.headers, parsed.data, timesAsked(request));
    const prompt = promptOf(body);
    const entry = opened(call, prompt);
    journal.start(entry);
    const gone = goneSignal(response);
    const answer = await decide(call, entry);
    await pause(entry.repeated ? 0 : latencyMs + (answer.afterMs ?? 0), gone);
    const reply = replyTo(answer, envelope(call, answer, entry, parsed.data), parsed.data.stream ?? false);
    closeWith(response, entry, reply, () => remember(call, entry, prompt, answer));
    if (reply !== undefined && !gone.aborted) await send(response, reply, entry);
  };

  function timesAsked(request: IncomingMessage): number {
    const key = String(request.headers['idempotency-key'] ?? '');
    const times = (asked.get(key) ?? 0) + 1;
    if (key !== '') asked.set(key, times);
    return times;
  }

  function opened(call: ScriptedCall, prompt: string): LoggedCall {
    const { project, milestone, stage, agent, iteration, part, schema, tools, turn, key, attempt, at } = call;
    const before = answered.get(key);
    return {
      ...{ at, scripted: true, key, attempt, project, milestone, stage, agent, iteration, part, turn, schema, tools },
      outcome: 'started',
      repeated: before !== undefined,
      ...(before !== undefined && before.prompt !== prompt && { otherPrompt: true as const }),
      ...{ promptChars: prompt.length, inputTokens: 0, outputTokens: 0, ms: 0 },
      ...(logMessages && { messages: call.messages }),
    };
  }

  async function decide(call: ScriptedCall, entry: LoggedCall): Promise<ScriptedAnswer> {
    try {
      return answered.get(call.key)?.answer ?? checkAnswer(await scenario(call));
    } catch (error) {
      entry.error = error instanceof Error ? error.message : String(error);
      // Asking again does not lengthen a script.
      return { status: 500, headers: { 'x-should-retry': 'false' }, body: errorBody(`the scenario: ${entry.error}`) };
    }
  }

  /** Writes the closing line as soon as the last byte is out, or the connection is gone. */
  function closeWith(response: ServerResponse, entry: LoggedCall, reply: Reply | undefined, whole: () => void): void {
    const close = (outcome: LoggedCall['outcome']) => {
      if (entry.outcome !== 'started') return;
      entry.outcome = outcome;
      entry.ms = Date.now() - Date.parse(entry.at);
      if (outcome === 'answered') whole();
      journal.end(entry);
    };
    if (response.destroyed) return close('aborted');
    response.once('finish', () => close(reply?.whole ? 'answered' : (reply?.status ?? 'aborted')));
    response.once('close', () => close('aborted'));
  }

  function remember(call: ScriptedCall, entry: LoggedCall, prompt: string, answer: ScriptedAnswer): void {
    if (call.key !== '' && !entry.repeated) answered.set(call.key, { prompt, answer });
  }
}

async function send(response: ServerResponse, reply: Reply, entry: LoggedCall): Promise<void> {
  let chars = 0;
  if (reply.billed) entry.inputTokens = tokens(entry.promptChars);
  await deliver(response, reply, (piece) => {
    chars += piece.chars;
    entry.outputTokens = tokens(chars);
  });
}

function envelope(call: ScriptedCall, answer: ScriptedAnswer, entry: LoggedCall, request: ChatRequest): Envelope {
  const asked = request.stream !== true || request.stream_options?.include_usage === true;
  const about = { id: `scripted-${call.key || call.at}`, model: `scripted/${call.model}`, turn: call.turn };
  if (!asked || answer.usage === null) return about;
  const completion = completionOf(answer);
  const real = { inputTokens: tokens(entry.promptChars), outputTokens: completion ? tokens(charsOf(completion)) : 0 };
  const { inputTokens, outputTokens } = answer.usage ?? real;
  const total = Number(inputTokens) + Number(outputTokens);
  return { ...about, usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total } };
}

/** What is counted as the prompt: messages, tools and schema, as they came. */
function promptOf(body: unknown): string {
  const { messages, tools, response_format } = body as Record<string, unknown>;
  return JSON.stringify([messages, tools, response_format]);
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
