// What became of the request. Put together by code from what the ledger holds.
import { z } from 'zod';
import { said } from './fields';

export const FinalReport = z.object({
  ...said,
  results: z.array(
    z.object({
      milestone: z.string(),
      title: z.string(),
      outcome: z.string(),
      commit: z.string().nullable(),
      tests: z.string(),
      coverage: z.number().nullable(),
      review: z.number().nullable(),
      score: z.number().nullable(),
      approved_by: z.string().nullable(),
      iterations: z.number().int(),
      cost_usd: z.number(),
    }),
  ),
  deliverables: z.array(z.string()),
  risks: z.array(z.string()),
  technical_debt: z.array(z.string()),
  next_iteration: z.array(z.string()),
});
export type FinalReport = z.infer<typeof FinalReport>;
