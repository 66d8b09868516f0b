// How the milestone is built: where things go, what depends on what, and why.
import { z } from 'zod';
import { Purpose, said } from './fields';

export const Part = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  files: z.array(z.string()).describe('the files that this part alone creates or changes'),
  description: z.string(),
});
export type Part = z.infer<typeof Part>;

/** Each part is a paid call of its own, side by side with the others. */
const PARTS_LIMIT = 8;

export const Architecture = z.object({
  ...said,
  folder_structure: z.array(Purpose),
  service_boundaries: z.array(z.object({ name: z.string(), responsibility: z.string() })),
  dependency_map: z.array(z.object({ from: z.string(), to: z.string(), why: z.string() })),
  choices: z.array(z.object({ choice: z.string(), rationale: z.string(), alternatives: z.array(z.string()) })),
  independent_parts: z
    .array(Part)
    .max(PARTS_LIMIT)
    .refine((parts) => new Set(parts.map(({ name }) => name)).size === parts.length, 'two parts have the same name')
    .describe('parts that share no file and can be written side by side; empty when there are none'),
});
export type Architecture = z.infer<typeof Architecture>;
