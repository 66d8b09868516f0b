// Folders that live as long as one piece of work.
import { readFileSync, readlinkSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder, onDisk } from '../full-disk';

// Whether a process of another machine or container lives, nobody here can tell: its folders go when they are this old.
const STRANGE_AND_OLD_MS = 3_600_000;

export async function withScratchFolder<T>(root: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await onDisk(root, async () => {
    await makeFolder(root, 0o700);
    return mkdtemp(path.join(root, `millwright-${nameOfProcess()}-`));
  });
  try {
    return await work(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Removes what killed processes of ours could not. */
export async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const [, space, pid, started] = /^millwright-(\d+)-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid === undefined) continue;
    const folder = path.join(root, name);
    const [ours, old] = await aboutFolder(folder);
    if (ours && (space === ownSpace() ? startOf(pid) !== started : old)) await removeFolder(folder);
  }
}

/** Which process it is, among all there ever were: its namespace, its pid, and when it was started. */
const nameOfProcess = (): string => `${ownSpace()}-${process.pid}-${startOf('self') ?? 0}`;

async function aboutFolder(folder: string): Promise<[ours: boolean, old: boolean]> {
  const found = await lstat(folder).catch(() => undefined);
  return [found?.uid === process.getuid?.(), Date.now() - (found?.mtimeMs ?? Infinity) > STRANGE_AND_OLD_MS];
}

/** Pids mean something within a namespace alone. */
function ownSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0'; // no Linux: only one without a sandbox comes here
  }
}

/** Undefined when there is none. */
function startOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
  } catch {
    return undefined;
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
