// The contract of a scenario: what it sees of a call, and what it may let the scripted model say or suffer.
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

const ToolCall = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });

export const ChatMessage = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  tool_calls: z.array(ToolCall).optional(),
  tool_call_id: z.string().optional(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(ChatMessage).min(1),
  tools: z.array(z.object({ function: z.looseObject({ name: z.string() }) })).optional(),
  response_format: z.object({ json_schema: z.looseObject({ name: z.string() }).optional() }).optional(),
  stream: z.boolean().optional(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export type ScriptedCall = {
  project: string;
  milestone: string;
  stage: string;
  agent: string;
  iteration: number;
  part?: string;
  model: string;
  /** The name of the JSON schema: the artifact that is asked for. */
  schema: string;
  /** 1 for the first answer of a conversation, then one more for each answer already in it. */
  turn: number;
  messages: readonly ChatMessage[];
  /** The names of the tools on offer. */
  tools: readonly string[];
  /** The idempotency key, and how often it has been asked, this time included. */
  key: string;
  attempt: number;
  /** What the caller showed; never logged. */
  apiKey?: string;
  at: string;
};

export type ScriptedTool = { name: string; arguments: unknown };

type Said =
  | { json: unknown }
  | { text: string }
  | { tools: readonly ScriptedTool[]; text?: string } // arguments that are a string go out as they are, broken or not
  | { refusal: string }
  | { cutOff: string }
  | { filtered: true }
  | { empty: true };

type Suffered =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | { silence: true } // the connection is accepted, and that is all
  | { drip: { everyMs: number }; text: string } // one byte at a time
  | { resetAfterChars: number; text: string }
  | { truncated: string } // the body ends in the middle of its JSON
  | { garbage: string } // a page of HTML with status 200
  | { huge: number } // that many bytes of content
  | { redirect: string };

/** `usage` replaces what is told about tokens (`null`: nothing is told); the log always has the real lengths. */
export type ScriptedAnswer = (Said | Suffered) & {
  afterMs?: number;
  usage?: { inputTokens: unknown; outputTokens: unknown } | null;
};

/** Throw when the script has run out: the caller gets a 500 with the message, and an extra call is seen as a bug. */
export type Scenario = (call: ScriptedCall) => ScriptedAnswer | Promise<ScriptedAnswer>;

const answers = ['json', 'text', 'tools', 'refusal', 'cutOff', 'filtered', 'empty'];
const faults = ['status', 'silence', 'truncated', 'garbage', 'huge', 'redirect'];

/** Scenarios are scripts: one that has run out often just answers nothing. */
export function checkAnswer(answer: ScriptedAnswer | undefined): ScriptedAnswer {
  const known = typeof answer === 'object' && [...answers, ...faults].some((name) => name in answer);
  if (!known) throw new Error(`has no answer here, but ${JSON.stringify(answer)}`);
  return answer;
}

export function readCall(headers: IncomingHttpHeaders, request: ChatRequest, attempt: number): ScriptedCall {
  const about = (name: string) => String(headers[`x-millwright-${name}`] ?? '');
  return {
    project: about('project'),
    milestone: about('milestone'),
    stage: about('stage'),
    agent: about('agent'),
    iteration: Number(about('iteration')) || 0,
    part: about('part') || undefined,
    model: request.model,
    schema: request.response_format?.json_schema?.name ?? '',
    turn: request.messages.filter(({ role }) => role === 'assistant').length + 1,
    messages: request.messages,
    tools: (request.tools ?? []).map((tool) => tool.function.name),
    key: String(headers['idempotency-key'] ?? ''),
    attempt,
    apiKey: /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1],
    at: new Date().toISOString(),
  };
}
