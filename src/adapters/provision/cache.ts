// Where Millwright keeps what it fetches or builds once, and how two processes may fill it at the same time.
import { chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

// The sandbox runs as another user when Millwright is root, and that user cannot look into /root.
const ROOTS_CACHE = '/var/cache/millwright';

export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, uid = process.getuid?.()): string {
  if (environment.MILLWRIGHT_CACHE) return path.resolve(environment.MILLWRIGHT_CACHE);
  if (uid === 0) return ROOTS_CACHE;
  return path.join(environment.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'millwright');
}

/** Whether the path is there. */
export async function exists(target: string): Promise<boolean> {
  return stat(target).then(
    () => true,
    () => false,
  );
}

/**
 * The folder `name` of the cache, filled on first use. It is filled beside its place and moved there whole, so nobody sees
 * a half-filled one, and of two processes that fill it at once the first wins.
 */
export async function cached(cache: string, name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const place = path.join(cache, name);
  if (await exists(place)) return place;
  await makeReadable(cache);
  const draft = await mkdtemp(path.join(cache, `.${name}-`));
  try {
    await fill(draft);
    await chmod(draft, 0o755);
    await rename(draft, place).catch(async (error) => {
      if (!(await exists(place))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return place;
}

async function makeReadable(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // mkdir obeys the umask, and the sandbox's user has to pass through every folder that it made.
  for (let at = folder; at.startsWith(first); at = path.dirname(at)) await chmod(at, 0o755);
}
