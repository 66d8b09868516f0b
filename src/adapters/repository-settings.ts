// What a repository says of itself in .millwright.yaml: how its tests run, and what of it a person guards. The base's counts.
import { parse } from 'yaml';
import { z } from 'zod';
import { pathObjection } from '../domain/paths';
import { PATTERN_LIMIT_CHARS, PATTERNS_LIMIT } from '../domain/protected-paths';

export const SETTINGS_FILE = '.millwright.yaml';

const RelativePath = z.string().refine((file) => pathObjection(file) === undefined, 'must be a path in the repository');

// What would protect nothing, or means something else elsewhere, is no pattern: who wrote it believes that it protects.
const Pattern = z
  .string()
  .max(PATTERN_LIMIT_CHARS)
  .regex(/^(?!!)(?=.*[^./*?\s])[^\\[\]{}\n]+$/, 'not a path or a pattern of * and ?');

// Strict: a misspelt `protected` would protect nothing, and nobody would know.
const Settings = z.strictObject({
  tests: z.strictObject({ run: z.string().min(1), junit: RelativePath, coverage: RelativePath.optional() }).optional(),
  flaky: z.array(z.string().min(1)).max(1_000).default([]),
  dependencies: z.array(z.string().min(1).max(200)).max(2_000).default([]),
  protected: z.array(Pattern).max(PATTERNS_LIMIT).default([]),
});
export type RepositorySettings = z.infer<typeof Settings>;

/** Of the file's text; undefined where there is none. */
export function settingsIn(text: string | undefined): RepositorySettings | { broken: string } {
  try {
    const settings = Settings.safeParse(parse(text ?? '') ?? {});
    return settings.success ? settings.data : { broken: z.prettifyError(settings.error) };
  } catch (error) {
    return { broken: (error as Error).message };
  }
}
