// What the scripted model says, in the two forms of the OpenAI chat API: server-sent events, or one JSON body.
import type { ScriptedAnswer } from './scenario';

const CHARS_PER_TOKEN = 4;
const EVENT_CHARS = 200;

export type Completion = {
  text: string;
  tools: readonly { name: string; arguments: string }[];
  refusal?: string;
  finish: 'stop' | 'length' | 'tool_calls' | 'content_filter';
};

/** What stands around a completion. `usage` undefined: nothing is told. */
export type Envelope = { id: string; model: string; turn: number; usage?: unknown };

/** A piece of a body, and how many characters of the completion it carries. */
export type Piece = { wire: string; chars: number };

export const tokens = (chars: number): number => Math.ceil(chars / CHARS_PER_TOKEN);

export const saying = (text: string, finish: Completion['finish'] = 'stop'): Completion => ({
  text,
  tools: [],
  finish,
});

/** The completion that an answer stands for; undefined for those that never become one. */
export function completionOf(answer: ScriptedAnswer): Completion | undefined {
  if ('json' in answer) return saying(JSON.stringify(answer.json));
  if ('tools' in answer) return { text: answer.text ?? '', tools: answer.tools.map(written), finish: 'tool_calls' };
  if ('refusal' in answer) return { ...saying(''), refusal: answer.refusal };
  if ('cutOff' in answer) return saying(answer.cutOff, 'length');
  if ('filtered' in answer) return saying('', 'content_filter');
  if ('empty' in answer) return saying('');
  if ('text' in answer && !('resetAfterChars' in answer)) return saying(answer.text);
  return undefined;
}

export function charsOf({ text, tools, refusal = '' }: Completion): number {
  return text.length + refusal.length + tools.reduce((sum, tool) => sum + tool.name.length + tool.arguments.length, 0);
}

export function jsonBody({ text, tools, refusal, finish }: Completion, envelope: Envelope): string {
  const calls = tools.map((tool, index) => ({ ...opened(envelope, tool.name, index), function: tool }));
  const message = {
    role: 'assistant',
    content: refusal === undefined && calls.length === 0 ? text : text || null,
    refusal: refusal ?? null,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finish, logprobs: null }];
  return JSON.stringify({ ...head(envelope), object: 'chat.completion', choices, usage: envelope.usage });
}

export function* eventBody(completion: Completion, envelope: Envelope): Generator<Piece> {
  yield* deltas(completion, envelope);
  yield event(envelope, [{ index: 0, delta: {}, finish_reason: completion.finish }]);
  if (envelope.usage !== undefined) yield event(envelope, [], { usage: envelope.usage });
  yield { wire: 'data: [DONE]\n\n', chars: 0 };
}

/** The events of a completion up to, and without, its finish. */
export function* deltas({ text, tools, refusal = '' }: Completion, envelope: Envelope): Generator<Piece> {
  const delta = (content: object, chars = 0) =>
    event(envelope, [{ index: 0, delta: content, finish_reason: null }], {}, chars);
  yield delta({ role: 'assistant', content: '' });
  for (const part of parts(text)) yield delta({ content: part }, part.length);
  for (const part of parts(refusal)) yield delta({ refusal: part }, part.length);
  for (const [index, tool] of tools.entries()) {
    const start = { ...opened(envelope, tool.name, index), function: { name: tool.name, arguments: '' } };
    yield delta({ tool_calls: [{ index, ...start }] }, tool.name.length);
    for (const part of parts(tool.arguments)) {
      yield delta({ tool_calls: [{ index, function: { arguments: part } }] }, part.length);
    }
  }
}

function event(envelope: Envelope, choices: object[], more: object = {}, chars = 0): Piece {
  const chunk = { ...head(envelope), object: 'chat.completion.chunk', choices, ...more };
  return { wire: `data: ${JSON.stringify(chunk)}\n\n`, chars };
}

const head = ({ id, model }: Envelope) => ({ id, model, created: Math.floor(Date.now() / 1000) });

const opened = ({ turn }: Envelope, name: string, index: number) => ({
  id: `call_${turn}_${index}_${name}`,
  type: 'function',
});

const written = (tool: { name: string; arguments: unknown }) => ({
  name: tool.name,
  arguments: typeof tool.arguments === 'string' ? tool.arguments : JSON.stringify(tool.arguments),
});

function* parts(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += EVENT_CHARS) yield text.slice(at, at + EVENT_CHARS);
}
