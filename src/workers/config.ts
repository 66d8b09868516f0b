// The workers' settings, read from the environment once, here and nowhere else.
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { DefinitionFolders } from '../adapters/definition-folders';
import type { ForgeSettings } from '../adapters/forge';
import type { NewDependencies } from '../adapters/dependencies';
import { encryptionKeys, type EncryptionKey } from '../adapters/encryption/keys';
import { cacheFolder } from '../adapters/provision/cache';
import { createRegistries, type Registries } from '../adapters/registries/registries';

/** What an operator says, to the letter, who has one family of models only. */
export const SAME_FAMILY_WORDS = 'i accept reviews by the family that wrote the code';

/** Where the shipped pipelines, agents and models are. */
const SHIPPED = resolve(__dirname, '../..');

/** How much of what was installed is kept, in GiB. */
const INSTALLED_GIB = 10;

/** The parts of a folder of definitions. */
const PARTS = ['pipelines', 'agents', 'models.yaml'];

const Registry = z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).optional();

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
  MILLWRIGHT_NEW_DEPENDENCIES: z
    .enum(['', 'ask', 'refuse'])
    .optional()
    .describe('whether a person is asked about any other package, or it is refused to the agent'),
  MILLWRIGHT_INSTALL: z
    .enum(['', 'on', 'off'])
    .optional()
    .describe('whether what a repository depends on is installed before its tests; off for machines without a network'),
  MILLWRIGHT_NPM_REGISTRY: Registry.describe("where npm's packages come from, where that is not npm's own setting"),
  MILLWRIGHT_PYTHON_INDEX: Registry.describe("where Python's packages come from, where that is not pip's own setting"),
  MILLWRIGHT_REGISTRY_HOSTS: z
    .string()
    .regex(/^[A-Za-z0-9.,:\s-]*$/, 'expected names of hosts')
    .optional()
    .describe('further hosts that a registry sends its clients to, such as the one that keeps its files'),
  MILLWRIGHT_INSTALLED_GIB: z
    .string()
    .regex(/^([1-9]\d{0,4})?$/, 'expected a whole number from 1 to 99999')
    .optional()
    .describe('how much of what was installed is kept'),
  MILLWRIGHT_METRICS: z
    .string()
    .regex(/^$|^[^\s/]+:\d{1,5}$/, 'expected <address>:<port>, such as 127.0.0.1:9464')
    .optional()
    .describe('where Prometheus reads what the workers say of themselves'),
  MILLWRIGHT_DEPLOYMENT: z
    .string()
    .regex(/^([A-Za-z0-9][A-Za-z0-9_-]{0,99})?$/, 'expected a name of letters, digits, dashes and underscores')
    .optional()
    .describe("the Worker Deployment whose version the workflows' worker is; without it, workers have no versions"),
  MILLWRIGHT_BUILD: z
    .string()
    .regex(/^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/, 'expected letters, digits, dots, dashes and underscores')
    .optional()
    .describe("which version; by default a digest of the workflows' code"),
  MILLWRIGHT_UNSAFE: z.string().optional(),
  MILLWRIGHT_CRASH: z.string().optional().describe('for tests: where this worker is struck'),
  MILLWRIGHT_SANDBOX_LOG: z.string().optional().describe('a file that gets a line when a sandbox begins and ends'),
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
  newDependencies: NewDependencies;
  /** How what a repository depends on is installed. */
  install: { registries: () => Promise<Registries>; capBytes: number } | false;
  /** With what Temporal's payloads are encrypted; nothing is without. */
  encryption?: readonly EncryptionKey[];
  /** Of which Worker Deployment the workflows' worker is a version, and which one where it is not told by its code. */
  deployment?: { name: string; build?: string };
  /** Where what the workers say of themselves is read. */
  metrics?: string;
  unsafe?: string;
  crash?: string;
  sandboxLog?: string;
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
    MILLWRIGHT_NEW_DEPENDENCIES,
    MILLWRIGHT_INSTALL,
    MILLWRIGHT_METRICS,
    MILLWRIGHT_DEPLOYMENT,
    MILLWRIGHT_BUILD,
    MILLWRIGHT_UNSAFE,
    MILLWRIGHT_CRASH,
    MILLWRIGHT_SANDBOX_LOG,
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
    newDependencies: {
      allowed: (MILLWRIGHT_DEPENDENCIES ?? '').split(/[\s,]+/).filter(Boolean),
      asks: MILLWRIGHT_NEW_DEPENDENCIES !== 'refuse',
    },
    install: MILLWRIGHT_INSTALL !== 'off' && installing(parsed.data),
    ...(encryption.length > 0 && { encryption }),
    ...(MILLWRIGHT_DEPLOYMENT && {
      deployment: { name: MILLWRIGHT_DEPLOYMENT, ...(MILLWRIGHT_BUILD && { build: MILLWRIGHT_BUILD }) },
    }),
    ...(MILLWRIGHT_METRICS && { metrics: MILLWRIGHT_METRICS }),
    ...(MILLWRIGHT_UNSAFE && { unsafe: MILLWRIGHT_UNSAFE }),
    ...(MILLWRIGHT_CRASH && { crash: MILLWRIGHT_CRASH }),
    ...(MILLWRIGHT_SANDBOX_LOG && { sandboxLog: MILLWRIGHT_SANDBOX_LOG }),
    sameFamilyReview: MILLWRIGHT_SAME_FAMILY_REVIEW === SAME_FAMILY_WORDS,
    environment,
  };
}

function installing({
  MILLWRIGHT_NPM_REGISTRY: npm,
  MILLWRIGHT_PYTHON_INDEX: python,
  MILLWRIGHT_REGISTRY_HOSTS: hosts = '',
  MILLWRIGHT_INSTALLED_GIB: gib,
}: z.infer<typeof Environment>): Exclude<Config['install'], false> {
  const registries = createRegistries({
    ...(npm && { npm }),
    ...(python && { python }),
    hosts: hosts.split(/[\s,]+/).filter(Boolean),
  });
  return { registries, capBytes: Number(gib || INSTALLED_GIB) * 1024 ** 3 };
}

function forgeOf(host: string | undefined, api: string | undefined, token: string): ForgeSettings {
  const at = host || 'github.com';
  return { host: at, api: api || (at === 'github.com' ? 'https://api.github.com' : `https://${at}/api/v3`), token };
}
