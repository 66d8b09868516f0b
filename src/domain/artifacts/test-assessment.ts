// What a tester makes of failing tests. The counts are the sandbox's; the recommendation is an opinion.
import { z } from 'zod';
import { said } from './fields';

export const TestAssessment = z.object({
  ...said,
  failed: z
    .array(
      z.object({
        test: z.string(),
        bug: z.string().describe('the id of its bug task in the test report, empty when it has none'),
        log: z.string().describe('the lines that matter'),
        repro_input: z.string().describe('the smallest input that shows it'),
        cause: z.string().describe('what is probably wrong, and where'),
      }),
    )
    .min(1),
  recommendation: z
    .enum(['fix', 'retest', 'escalate'])
    .describe('fix: the code is wrong; retest: the failure is of the surroundings; escalate: a person has to decide'),
});
export type TestAssessment = z.infer<typeof TestAssessment>;
