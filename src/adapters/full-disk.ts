// A full disk is a failure with a name and a place: it is tried again, for there will be space.
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { transient } from '../domain/failures';

export const diskFull = (place: string, words: string, cause?: unknown) =>
  transient('DiskFull', `no space is left at ${place}: ${words}`, { cause });

/** Work on the file system, with a full disk named as such. */
export async function onDisk<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'ENOSPC' || code === 'EDQUOT' ? diskFull(place, message, error) : error;
  }
}

/** A folder with all above it. Where there is no space for one of those, Node's own says of the next that it is missing. */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    mkdirSync(folder, { recursive: true, mode }); // says what it is
  });
}
