// The one way git is run: nothing of the machine's configuration and no program named by a repository acts on our side.
import { spawn, type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio } from 'node:child_process';
import path from 'node:path';
import { GitError, simpleGit } from 'simple-git';
import { failureOf } from './failing';
import { operatorConfigIn } from './operator';

export type Finished = { code: number; stdout: Buffer; stderr: string; cut: boolean };

export type RunOptions = {
  input?: Buffer | string;
  env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers; any other is a failure. */
  answers?: readonly number[];
  /** Stops the command when it has printed this much. */
  limitBytes?: number;
  /** Set for a command that speaks to the repository: its name, for the words of a failure. */
  speaksTo?: string;
};

export type Git = {
  run(folder: string, args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** A command that goes on until it is told to end. */
  start(folder: string, args: readonly string[]): Promise<ChildProcessWithoutNullStreams>;
  /** For questions that always have an answer in text: simple-git waits 50 ms for one that prints nothing. */
  ask(folder: string, args: readonly string[]): Promise<string>;
};

const LOCAL_LIMIT_MS = 2 * 60_000;
const TRANSPORT_LIMIT_MS = 10 * 60_000;
const STDERR_LIMIT_PIECES = 200;

const config = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'transfer.fsckObjects=true',
  // Old histories have these flaws, and no harm comes of them.
  ...['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'badTimezone', 'missingEmail'].map((f) => `fetch.fsck.${f}=warn`),
  // A pack appears whole or not at all: a fetch that is killed leaves no commit without its files.
  'fetch.unpackLimit=1',
  'protocol.allow=never',
  ...['file', 'https', 'ssh', 'git'].map((transport) => `protocol.${transport}.allow=always`),
];

const passedOn = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

// A folder that was cleared meanwhile is no repository: the one that lies around it is none of git's business.
function environment(globalConfig: string, folder: string): Record<string, string> {
  return {
    GIT_CEILING_DIRECTORIES: path.dirname(folder),
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

// Only a command that speaks to the repository sees the home folder (known hosts, ssh keys, a credential helper's store)
// and the agent's socket. ssh may not ask anything: nobody is there to answer. No other variable goes along, so the keys of
// model endpoints are out of reach for the hooks of a repository on this machine.
function transportEnvironment(): Record<string, string> {
  const names = ['HOME', 'SSH_AUTH_SOCK', ...passedOn].filter((name) => process.env[name] !== undefined);
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]!])),
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=30',
  };
}

// simple-git names each of these as dangerous when it comes from a stranger. Here they switch things off.
const simpleOptions = {
  config,
  timeout: { block: LOCAL_LIMIT_MS },
  allowEnvironment: Object.keys(environment('', '')).filter((name) => name.startsWith('GIT_')),
  unsafe: {
    allowUnsafeHooksPath: true,
    allowUnsafeFsMonitor: true,
    allowUnsafeProtocolOverride: true,
    allowUnsafeConfigPaths: true,
  },
};

export function hardenedGit(home: string): Git {
  const config = operatorConfigIn(home);
  const env = async (folder: string) => environment(await config(), folder);
  return {
    run: async (folder, args, options = {}) => run(folder, args, options, await env(folder)),
    start: async (folder, args) => started(folder, args, { env: await env(folder) }),
    ask: async (folder, args) => ask(folder, args, await env(folder)),
  };
}

async function ask(folder: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  try {
    return await simpleGit({ ...simpleOptions, baseDir: folder })
      .env(env)
      .raw([...args]);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw failureOf({ verb: args[0]!, said: error.message, folder });
  }
}

// simple-git has neither standard input in pieces, nor bytes, nor exit codes: what needs one of them is spawned here.
async function run(
  folder: string,
  args: readonly string[],
  options: RunOptions,
  env: Record<string, string>,
): Promise<Finished> {
  const transport = options.speaksTo !== undefined;
  const child = started(folder, args, {
    env: { ...env, ...(transport ? transportEnvironment() : {}), ...options.env },
    timeout: transport ? TRANSPORT_LIMIT_MS : LOCAL_LIMIT_MS,
  });
  const finished = await ended(child, options);
  if (finished.cut || [0, ...(options.answers ?? [])].includes(finished.code)) return finished;
  const said = finished.code === -1 ? `${finished.stderr}\nit was stopped, or took too long` : finished.stderr;
  throw failureOf({ verb: args[0]!, said, folder, speaksTo: options.speaksTo });
}

function started(folder: string, args: readonly string[], how: SpawnOptionsWithoutStdio) {
  const child = spawn('git', [...config.flatMap((setting) => ['-c', setting]), ...args], { cwd: folder, ...how });
  // Where no file can be opened any more it has no pipes, and its error comes later: unheard, that would end the worker.
  child.on('error', () => undefined);
  if ((child.stdin as unknown) === undefined) throw new Error('git did not start: too many files are open');
  return child;
}

function ended(child: ChildProcessWithoutNullStreams, { input, limitBytes = Infinity }: RunOptions): Promise<Finished> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (piece: Buffer) => {
    if (bytes < limitBytes) out.push(piece);
    bytes += piece.length;
    if (bytes >= limitBytes) child.kill();
  });
  child.stderr.on('data', (piece: Buffer) => err.length < STDERR_LIMIT_PIECES && err.push(piece));
  // A command that ends before it has read everything says why by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`git did not start: ${error.message}`, { cause: error })));
    child.on('close', (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString(),
        cut: bytes >= limitBytes,
      }),
    );
  });
}
