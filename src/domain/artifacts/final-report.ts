// What became of the request. Put together by code from what the ledger holds.
import { z } from 'zod';
import { Attempt, Breakdown } from '../attempts';
import { said } from './fields';

export const FinalReport = z.object({
  ...said,
  prototype: z
    .object({
      repository: z.string(),
      branch: z.string(),
      commit: z.string().nullable().describe('null while milestones are under way'),
      look: z.array(z.string()).describe('how to see it: commands, then what the deployment plan says'),
    })
    .nullable()
    .describe('what there is now; null when nothing was merged'),
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
      breakdown: Breakdown.nullable(),
      attempts: z
        .array(Attempt.extend({ feedback: z.string() }))
        .describe('each evaluation, the last one included: what was tried'),
      approved_by: z.string().nullable(),
      iterations: z.number().int(),
      cost_usd: z.number(),
    }),
  ),
  deliverables: z.array(z.string()),
  risks: z.array(z.string()),
  technical_debt: z.array(z.string()),
  next_iteration: z.array(z.string()).describe('the roadmap of the next iteration'),
});
export type FinalReport = z.infer<typeof FinalReport>;
