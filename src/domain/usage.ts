// What a model call cost. Every call is counted, failed ones too.
import { z } from 'zod';

export const Usage = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  costUsd: z.number().nonnegative(),
  ms: z.number().nonnegative(),
  calls: z.number().int().nonnegative(),
  estimated: z
    .number()
    .int()
    .nonnegative()
    .describe('calls whose tokens were counted here, because the endpoint told none that can be true'),
});
export type Usage = z.infer<typeof Usage>;

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0, ms: 0, calls: 0, estimated: 0 };

export function addUsage(...parts: readonly Usage[]): Usage {
  return parts.reduce(
    (sum, part) => ({
      inputTokens: sum.inputTokens + part.inputTokens,
      outputTokens: sum.outputTokens + part.outputTokens,
      costUsd: sum.costUsd + part.costUsd,
      ms: sum.ms + part.ms,
      calls: sum.calls + part.calls,
      estimated: sum.estimated + part.estimated,
    }),
    noUsage,
  );
}
