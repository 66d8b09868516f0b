// What small faults in the candidate's own lines show of its tests. Written by code, never by a model.
import { z } from 'zod';
import { said } from './fields';

const Share = z.number().min(0).max(1);

export const Survivor = z.object({
  file: z.string(),
  line: z.number().int(),
  kind: z.string().describe('what kind of fault'),
  original: z.string(),
  replacement: z.string().describe('what stood in its place, and no test failed'),
  reached: z.boolean().describe('whether any test comes to that place'),
});

export const MutantReport = z.object({
  ...said,
  score: Share.nullable().describe(
    'share × breadth, held against the threshold; null where there was nothing to catch',
  ),
  threshold: Share.describe('what the pipeline demands'),
  share: Share.nullable().describe('of the faults, by weight, what the tests caught'),
  breadth: Share.describe('how many different calls the tests make of what the change exports: more are nearer to 1'),
  tried: z.number().int().nonnegative(),
  caught: z.number().int().nonnegative(),
  equivalent: z.number().int().nonnegative().describe('not caught, and no call like those of the tests shows them'),
  survivors: z.array(Survivor).describe('the faults that the tests should have caught, the plainest first'),
  narrow: z.array(z.string()).describe('functions that the tests hardly try, in words'),
  untried: z.array(z.string()).describe('what was not tried, and why, in words'),
  untried_count: z.number().int().nonnegative().describe('faults that were made and not tried'),
  candidate: z.string(),
  base: z.string(),
  tree: z.string(),
  sandbox: z.string().describe('what kept the code in'),
  runs: z.number().int().nonnegative().describe('runs in the sandbox'),
  ms: z.number().nonnegative(),
});
export type MutantReport = z.infer<typeof MutantReport>;
