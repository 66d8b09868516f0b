// What a model has said so far, gathered from the chunks of a stream or from one plain completion.
import { z } from 'zod';
import type { ModelAnswer, ToolCall } from '../../activities/ports';
import { Oversized } from './events';
import { EndpointError, errorIn } from './trouble';

const CallPiece = z.object({
  index: z.int().nonnegative().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
type CallPiece = z.infer<typeof CallPiece>;

const Said = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  // Thoughts are paid for, and counted when the endpoint does not; nobody reads them.
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(CallPiece).nullish(),
});
type Said = z.infer<typeof Said>;

const Choice = z.object({ delta: Said.nullish(), message: Said.nullish(), finish_reason: z.string().nullish() });
const Chunk = z.object({
  model: z.string().nullish(),
  choices: z.array(Choice).nullish(),
  usage: z.unknown().optional(),
  error: z.unknown().optional(),
});

const CALLS_LIMIT = 256;

export type Heard = {
  text: string;
  refusal: string;
  calls: ToolCall[];
  spokenChars: number;
  thoughtChars: number;
  finish?: string;
  usage?: unknown;
  model?: string;
};

export const nothingHeard = (): Heard => ({ text: '', refusal: '', calls: [], spokenChars: 0, thoughtChars: 0 });

export const isWhole = (heard: Heard): boolean => heard.finish !== undefined && heard.finish !== 'error';

/** One chunk of a stream; says whether the model spoke in it. */
export function hear(heard: Heard, json: string, limitChars: number): boolean {
  const chunk = chunkOf(json);
  const error = errorIn(chunk.error);
  if (error !== undefined) throw new EndpointError(error);
  heard.usage = chunk.usage ?? heard.usage;
  heard.model = chunk.model ?? heard.model;
  const choice = chunk.choices?.[0];
  const said = choice?.delta ?? choice?.message;
  if (said) hearSaid(heard, said);
  if (heard.spokenChars > limitChars || heard.calls.length > CALLS_LIMIT) throw new Oversized('an answer without end');
  heard.finish = choice?.finish_reason ?? heard.finish;
  return Boolean(said);
}

/** A completion that came in one piece: it needs no reason to be finished, but it must be one. */
export function heardWhole(json: string, limitChars: number): Heard {
  const heard = nothingHeard();
  if (!hear(heard, json, limitChars)) throw new Error(`this is not a completion: ${json}`);
  return { ...heard, finish: heard.finish ?? 'stop' };
}

export function answerOf({ text, refusal, calls, finish }: Heard): DistributiveOmit<ModelAnswer, 'usage' | 'model'> {
  if (refusal !== '') return { said: 'refusal', reason: refusal };
  if (finish === 'content_filter') return { said: 'filtered', reason: 'the endpoint filtered the answer' };
  if (finish === 'length') return { said: 'cut-off', text };
  if (calls.length > 0) return { said: 'tools', text, calls };
  return text.trim() === '' ? { said: 'empty', text } : { said: 'text', text };
}

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

// The parser's own message would quote the text, cut where a key can no longer be recognized.
function chunkOf(json: string): z.infer<typeof Chunk> {
  try {
    return Chunk.parse(JSON.parse(json));
  } catch {
    throw new Error(`this is not a completion: ${json}`);
  }
}

function hearSaid(heard: Heard, said: Said): void {
  heard.text += said.content ?? '';
  heard.refusal += said.refusal ?? '';
  heard.spokenChars += (said.content ?? '').length + (said.refusal ?? '').length;
  heard.thoughtChars += (said.reasoning_content ?? said.reasoning ?? '').length;
  said.tool_calls?.forEach((piece, position) => hearCall(heard, piece, piece.index ?? position));
}

// Endpoints differ: some repeat id and name with every piece, some number every call 0, some give no id at all.
function hearCall(heard: Heard, piece: CallPiece, index: number): void {
  const name = piece.function?.name ?? '';
  const args = piece.function?.arguments ?? '';
  let at = piece.id ? heard.calls.findIndex(({ id }) => id === piece.id) : Math.min(index, heard.calls.length);
  if (at === -1) at = heard.calls.length;
  const before = heard.calls[at] ?? { id: piece.id || `call-${at}`, name: '', arguments: '' };
  heard.calls[at] = { ...before, name: before.name || name, arguments: before.arguments + args };
  heard.spokenChars += (before.name ? 0 : name.length) + args.length;
}
