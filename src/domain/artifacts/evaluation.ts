// Scores in five dimensions. The model gives the numbers; the rubric does the arithmetic.
import { z } from 'zod';
import { said } from './fields';

export const dimensions = ['correctness', 'code_quality', 'security', 'maintainability', 'scalability'] as const;
export type Dimension = (typeof dimensions)[number];

const Score = z.object({ score: z.number().min(1).max(5), why: z.string() });

export const Evaluation = z.object({
  ...said,
  breakdown: z.object({
    correctness: Score,
    code_quality: Score,
    security: Score,
    maintainability: Score,
    scalability: Score,
  }),
  feedback: z.string().describe('what would raise the lowest scores, concretely'),
});
export type Evaluation = z.infer<typeof Evaluation>;
