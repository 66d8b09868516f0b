// A reviewer's opinion about one candidate.
import { z } from 'zod';
import { said } from './fields';

export const Review = z.object({
  ...said,
  verdict: z.enum(['passed', 'needs_revision']),
  criteria: z.array(z.object({ criterion: z.string(), met: z.boolean(), why: z.string() })),
  issues: z.array(
    z.object({
      severity: z.enum(['critical', 'major', 'minor']),
      location: z.string().describe('file:line'),
      description: z.string(),
      suggestion: z.string(),
      repro: z.string().describe('how to see it, empty when it needs no steps'),
    }),
  ),
  suggestions: z.array(z.string()),
  score: z.number().min(0).max(1),
  rationale: z.string(),
  next_step: z.string(),
});
export type Review = z.infer<typeof Review>;
