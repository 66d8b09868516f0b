// The workers' settings, read from the environment once, here and nowhere else.
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { DefinitionFolders } from '../adapters/definition-folders';
import { cacheFolder } from '../adapters/provision/cache';

/** What an operator says, to the letter, who has one family of models only. */
export const SAME_FAMILY_WORDS = 'i accept reviews by the family that wrote the code';

/** Where the shipped pipelines, agents and models are. */
const SHIPPED = resolve(__dirname, '../..');

/** The parts of a folder of definitions. */
const PARTS = ['pipelines', 'agents', 'models.yaml'];

const Environment = z.object({
  MILLWRIGHT_HOME: z.string().optional().describe("the worker's own folder, for mirrors of repositories"),
  MILLWRIGHT_CONFIG: z
    .string()
    .optional()
    .refine((folder) => !folder || isAbsolute(folder), 'expected the whole path of a folder, from / on')
    .refine(
      (folder) => !folder || PARTS.some((part) => existsSync(join(folder, part))),
      `expected a folder with ${PARTS.join(', ')}, or some of them`,
    )
    .describe("the user's own definitions, laid over the shipped ones"),
  MILLWRIGHT_SCRATCH: z.string().optional().describe('where sandboxes get their folders'),
  MILLWRIGHT_TEST_RUNS: z
    .string()
    .regex(/^([1-9]\d{0,2})?$/, 'expected a whole number from 1 to 999')
    .optional()
    .describe('how many test runs at once'),
  MILLWRIGHT_UNSAFE: z.string().optional(),
  MILLWRIGHT_SAME_FAMILY_REVIEW: z
    .string()
    .optional()
    .refine((words) => !words || words === SAME_FAMILY_WORDS, `expected exactly "${SAME_FAMILY_WORDS}"`),
});

export type Config = {
  home: string;
  definitions: DefinitionFolders;
  cache: string;
  scratch?: string;
  testRuns?: number;
  unsafe?: string;
  sameFamilyReview: boolean;
  environment: NodeJS.ProcessEnv;
};

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(`the environment cannot be used: ${z.prettifyError(parsed.error)}`);
  const {
    MILLWRIGHT_HOME,
    MILLWRIGHT_CONFIG,
    MILLWRIGHT_SCRATCH,
    MILLWRIGHT_TEST_RUNS,
    MILLWRIGHT_UNSAFE,
    MILLWRIGHT_SAME_FAMILY_REVIEW,
  } = parsed.data;
  const cache = cacheFolder(environment);
  return {
    home: MILLWRIGHT_HOME ?? join(cache, 'home'),
    definitions: { shipped: SHIPPED, ...(MILLWRIGHT_CONFIG && { own: MILLWRIGHT_CONFIG }) },
    cache,
    ...(MILLWRIGHT_SCRATCH && { scratch: MILLWRIGHT_SCRATCH }),
    ...(MILLWRIGHT_TEST_RUNS && { testRuns: Number(MILLWRIGHT_TEST_RUNS) }),
    ...(MILLWRIGHT_UNSAFE && { unsafe: MILLWRIGHT_UNSAFE }),
    sameFamilyReview: MILLWRIGHT_SAME_FAMILY_REVIEW === SAME_FAMILY_WORDS,
    environment,
  };
}
