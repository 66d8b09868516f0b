// A proposed change of the code: never of the tests, which come from base and tester.
import { z } from 'zod';
import { Edit, FileContent, said } from './fields';

export const Change = z.object({
  ...said,
  files: z.array(FileContent).describe('files to write whole'),
  edits: z.array(Edit).describe('replacements inside files that exist; applied in order, after `files`'),
  deletions: z.array(z.string()).describe('paths to remove'),
  dependencies_added: z.array(z.object({ name: z.string(), version: z.string(), why: z.string() })),
  explanation: z.string().describe('what was done and why, for the reviewer'),
  changelog: z.string().describe('one line for the people who use this code'),
  revision_number: z
    .number()
    .int()
    .nonnegative()
    .describe('0 for the first version, then one more each time it came back'),
});
export type Change = z.infer<typeof Change>;
