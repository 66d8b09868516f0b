// What the sandbox measured. Written by code, never by a model.
import { z } from 'zod';
import { said } from './fields';

export const TestFailure = z.object({
  test: z.string(),
  error: z.string(),
  location: z.string().describe('file:line, empty when unknown'),
  repro_input: z.string().describe('the command that shows the failure again'),
});
export type TestFailure = z.infer<typeof TestFailure>;

export const BugTask = z.object({
  id: z.string(),
  task: z.string().describe('the id of the task that the failing test belongs to'),
  test: z.string(),
  error: z.string(),
  repro_input: z.string(),
});
export type BugTask = z.infer<typeof BugTask>;

export const TestReport = z.object({
  ...said,
  total: z.number().int().nonnegative(),
  passed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  coverage: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe('percent of the lines of the changed source files; null when nothing could measure it'),
  red_by_loading: z
    .number()
    .int()
    .nonnegative()
    .describe('new tests that fail on the base only because their file does not load there: they prove less'),
  failures: z.array(TestFailure),
  bug_tasks: z.array(BugTask).describe('one for each failing test, where a plan of tasks says what it belongs to'),
  recommendation: z.enum(['fix', 'retest', 'escalate']).nullable().describe('null when there is nothing to do'),
  objections: z.array(z.string()).describe('why the candidate is not green, in words'),
  flaky: z
    .array(z.string())
    .describe(
      'tests that change their mind on the same tree, no evidence for or against: the first, and how many more',
    ),
  candidate: z.string(),
  base: z.string(),
  tree: z.string(),
  sandbox: z.string().describe('what kept the code in'),
  ms: z.number().nonnegative(),
});
export type TestReport = z.infer<typeof TestReport>;
