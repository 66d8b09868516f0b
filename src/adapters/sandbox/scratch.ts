// Folders that live as long as one piece of work.
import { chmod, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const ABANDONED_AFTER_MS = 3_600_000;

export async function withScratchFolder<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(path.join(root, `millwright-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Removes what killed processes of ours could not. */
export async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const pid = /^millwright-(\d+)-\w{6}$/.exec(name)?.[1];
    const folder = path.join(root, name);
    if (pid && !isAlive(Number(pid)) && (await isOursAndOld(folder))) await removeFolder(folder);
  }
}

async function isOursAndOld(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.uid === process.getuid?.() && Date.now() - (found?.mtimeMs ?? Infinity) > ABANDONED_AFTER_MS;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function removeFolder(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true });
  // A folder without its write or search bit keeps its content from anyone but root: open them all, then once more.
  await remove().catch(() => openFolders(folder).then(remove));
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
}
