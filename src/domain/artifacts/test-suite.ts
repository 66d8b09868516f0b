// The tester's tests: new test files that fail on the base and pass on the candidate.
import { z } from 'zod';
import { FileContent, said } from './fields';

export const TestSuite = z.object({
  ...said,
  files: z.array(FileContent).describe('whole test files; existing test files cannot be changed'),
  deletions: z.array(z.string()).describe('files of your own earlier suite to remove'),
  cases: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['unit', 'integration', 'contract', 'end-to-end']),
      criterion: z.string().describe('the acceptance criterion or edge case that it covers'),
    }),
  ),
});
export type TestSuite = z.infer<typeof TestSuite>;
