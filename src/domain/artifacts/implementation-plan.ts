// What the implementer is about to do, file by file.
import { z } from 'zod';
import { Parts, Purpose, said } from './fields';

export const ImplementationPlan = z.object({
  ...said,
  files_to_create: z.array(Purpose),
  files_to_modify: z.array(Purpose),
  dependencies: z.array(z.object({ name: z.string(), version: z.string(), why: z.string() })),
  architecture_notes: z.array(z.string()),
  acceptance_criteria: z.array(z.string()),
  independent_parts: Parts,
});
export type ImplementationPlan = z.infer<typeof ImplementationPlan>;
