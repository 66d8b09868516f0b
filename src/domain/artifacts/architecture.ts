// How the milestone is built: where things go, what depends on what, and why.
import { z } from 'zod';
import { Parts, Purpose, said } from './fields';

export const Architecture = z.object({
  ...said,
  folder_structure: z.array(Purpose),
  service_boundaries: z.array(z.object({ name: z.string(), responsibility: z.string() })),
  dependency_map: z.array(z.object({ from: z.string(), to: z.string(), why: z.string() })),
  choices: z.array(z.object({ choice: z.string(), rationale: z.string(), alternatives: z.array(z.string()) })),
  independent_parts: Parts,
});
export type Architecture = z.infer<typeof Architecture>;
