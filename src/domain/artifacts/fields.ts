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
