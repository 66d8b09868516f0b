// What the request means for this repository, before anybody plans.
import { z } from 'zod';
import { said } from './fields';

export const Understanding = z.object({
  ...said,
  goal: z.string().describe('what the person wants to have at the end'),
  language: z.string().describe('the main language of the code: javascript, typescript, python …'),
  existing: z.array(z.string()).describe('what the repository already has that matters here'),
  assumptions: z.array(z.string()),
  questions: z.array(z.string()).describe('what remains open; the plan must not depend on the answers'),
  risks: z.array(z.string()),
});
export type Understanding = z.infer<typeof Understanding>;
