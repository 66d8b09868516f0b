// What every artifact carries, and the pieces that several of them share.
import { z } from 'zod';

/** Every agent says how sure it is and what it did, in one line; the workflow keeps both. */
export const said = {
  summary: z.string().min(1).describe('what was done or found, in one sentence of at most 200 characters'),
  confidence: z.number().min(0).max(1).describe('how sure you are, from 0 to 1; say so when you are not'),
};

export const FileContent = z.object({
  path: z.string().describe('relative to the root of the repository, with forward slashes'),
  content: z.string().describe('the whole content of the file'),
});
export type FileContent = z.infer<typeof FileContent>;

export const Edit = z.object({
  path: z.string(),
  find: z.string().min(1).describe('text that occurs exactly once in the file as it is now'),
  replace: z.string(),
});
export type Edit = z.infer<typeof Edit>;

export const Purpose = z.object({ path: z.string(), purpose: z.string() });

/** The first that stands there a second time: what is done side by side has names and files of its own. */
export function twice(values: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return values.find((value) => seen.has(value) || !seen.add(value));
}

/** Each part is a paid call of its own, side by side with the others. */
const PARTS_LIMIT = 8;

const Part = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  files: z.array(z.string()).describe('the files that this part alone creates or changes'),
  description: z.string(),
});

export const Parts = z
  .array(Part)
  .max(PARTS_LIMIT)
  .superRefine((parts, issues) => {
    const refuse = (message: string) => issues.addIssue({ code: 'custom', message });
    if (twice(parts.map(({ name }) => name)) !== undefined) refuse('two parts have the same name');
    const shared = twice(parts.flatMap(({ files }) => files));
    if (shared !== undefined) refuse(`two parts have the file ${shared}: then they are not independent`);
  })
  .describe('parts that share no file and can be written side by side; empty when there are none');
