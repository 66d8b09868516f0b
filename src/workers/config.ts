// The workers' settings, read from the environment once, here and nowhere else.
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { DefinitionFolders } from '../adapters/definition-folders';
import type { ForgeSettings } from '../adapters/forge';
import { encryptionKeys, type EncryptionKey } from '../adapters/encryption/keys';
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
  MILLWRIGHT_FORGE: z
    .string()
    .regex(/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$/, 'expected the name of a host')
    .optional()
    .describe('the host of the forge where pull requests are opened'),
  MILLWRIGHT_FORGE_API: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .optional()
    .refine((api) => !api || !holdsName(api), 'expected no user and no password in it: it is shown in messages')
    .describe("where the forge's API is"),
  // What cannot be sent would be quoted by the error that says so.
  MILLWRIGHT_FORGE_TOKEN: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]*$/, 'expected one word without spaces or line breaks')
    .optional(),
  MILLWRIGHT_GATE_KEY: z
    .string()
    .optional()
    .refine((file) => !file || isAbsolute(file), 'expected the whole path of a file, from / on')
    .describe('the SSH key with which the gate signs its merges'),
  MILLWRIGHT_ALLOWED_SIGNERS: z
    .string()
    .optional()
    .refine((file) => !file || isAbsolute(file), 'expected the whole path of a file, from / on')
    .describe('who signs decisions, and with which SSH keys; with it, every decision must be signed'),
  MILLWRIGHT_DEPENDENCIES: z.string().optional().describe('the packages that any change may bring, by name'),
  MILLWRIGHT_UNSAFE: z.string().optional(),
  MILLWRIGHT_SAME_FAMILY_REVIEW: z
    .string()
    .optional()
    .refine((words) => !words || words === SAME_FAMILY_WORDS, `expected exactly "${SAME_FAMILY_WORDS}"`),
});

const holdsName = (url: string): boolean => URL.canParse(url) && new URL(url).username + new URL(url).password !== '';

export type Config = {
  home: string;
  definitions: DefinitionFolders;
  cache: string;
  forge?: ForgeSettings;
  gateKey?: string;
  allowedSigners?: string;
  scratch?: string;
  testRuns?: number;
  dependencies?: readonly string[];
  /** With what Temporal's payloads are encrypted; nothing is without. */
  encryption?: readonly EncryptionKey[];
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
    MILLWRIGHT_FORGE,
    MILLWRIGHT_FORGE_API,
    MILLWRIGHT_FORGE_TOKEN,
    MILLWRIGHT_GATE_KEY,
    MILLWRIGHT_ALLOWED_SIGNERS,
    MILLWRIGHT_DEPENDENCIES,
    MILLWRIGHT_UNSAFE,
    MILLWRIGHT_SAME_FAMILY_REVIEW,
  } = parsed.data;
  const cache = cacheFolder(environment);
  const encryption = encryptionKeys(environment);
  return {
    home: MILLWRIGHT_HOME ?? join(cache, 'home'),
    definitions: { shipped: SHIPPED, ...(MILLWRIGHT_CONFIG && { own: MILLWRIGHT_CONFIG }) },
    cache,
    ...(MILLWRIGHT_SCRATCH && { scratch: MILLWRIGHT_SCRATCH }),
    ...(MILLWRIGHT_TEST_RUNS && { testRuns: Number(MILLWRIGHT_TEST_RUNS) }),
    ...(MILLWRIGHT_FORGE_TOKEN && { forge: forgeOf(MILLWRIGHT_FORGE, MILLWRIGHT_FORGE_API, MILLWRIGHT_FORGE_TOKEN) }),
    ...(MILLWRIGHT_GATE_KEY && { gateKey: MILLWRIGHT_GATE_KEY }),
    ...(MILLWRIGHT_ALLOWED_SIGNERS && { allowedSigners: MILLWRIGHT_ALLOWED_SIGNERS }),
    ...(MILLWRIGHT_DEPENDENCIES && { dependencies: MILLWRIGHT_DEPENDENCIES.split(/[\s,]+/).filter(Boolean) }),
    ...(encryption.length > 0 && { encryption }),
    ...(MILLWRIGHT_UNSAFE && { unsafe: MILLWRIGHT_UNSAFE }),
    sameFamilyReview: MILLWRIGHT_SAME_FAMILY_REVIEW === SAME_FAMILY_WORDS,
    environment,
  };
}

function forgeOf(host: string | undefined, api: string | undefined, token: string): ForgeSettings {
  const at = host || 'github.com';
  return { host: at, api: api || (at === 'github.com' ? 'https://api.github.com' : `https://${at}/api/v3`), token };
}
