// What a call cost: as the endpoint tells it, where that can be true, and otherwise counted from the characters.
import { z } from 'zod';
import type { ModelCall } from '../../activities/ports';
import type { Usage } from '../../domain/usage';

const CHARS_PER_TOKEN = 4;
// No token is shorter than a byte, and no character longer than three in UTF-16; templates add some of their own.
const BYTES_PER_CHAR = 3;
const TEMPLATE_TOKENS = 10_000;

const Told = z.object({ prompt_tokens: z.unknown().optional(), completion_tokens: z.unknown().optional() }).catch({
  prompt_tokens: undefined,
  completion_tokens: undefined,
});

export type Spent = {
  call: Pick<ModelCall, 'price' | 'limits'>;
  told?: unknown;
  requestChars: number;
  receivedChars: number;
  ms: number;
};

export function usageOf({ call, told, requestChars, receivedChars, ms }: Spent): Usage {
  const { prompt_tokens, completion_tokens } = Told.parse(told);
  const input = believed(prompt_tokens, requestChars, requestChars * BYTES_PER_CHAR + TEMPLATE_TOKENS);
  // Thoughts that were not sent are told of, and paid for.
  const mostOutput = Math.max(call.limits.outputTokens, receivedChars * BYTES_PER_CHAR) + TEMPLATE_TOKENS;
  const output = believed(completion_tokens, receivedChars, mostOutput);
  return {
    inputTokens: input.tokens,
    outputTokens: output.tokens,
    costUsd: costUsd(call.price, input.tokens, output.tokens),
    ms,
    calls: 1,
    estimated: input.estimated || output.estimated ? 1 : 0,
  };
}

function believed(told: unknown, chars: number, most: number): { tokens: number; estimated: boolean } {
  const least = chars > 0 ? 1 : 0;
  const possible = typeof told === 'number' && Number.isInteger(told) && told >= least && told <= most;
  return possible
    ? { tokens: told, estimated: false }
    : { tokens: Math.ceil(chars / CHARS_PER_TOKEN), estimated: true };
}

const costUsd = (price: ModelCall['price'], inputTokens: number, outputTokens: number): number =>
  (inputTokens * price.inputUsdPerMillion + outputTokens * price.outputUsdPerMillion) / 1_000_000;
