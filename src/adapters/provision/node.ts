// Node's own binary, where the sandbox's user can run it (but not read it).
import { createHash } from 'node:crypto';
import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { cached } from './cache';

/**
 * A copy of the running Node in the cache: the original may lie under a home folder that the sandbox's user cannot enter.
 * A program that may be run but not read is kept by Linux from being inspected by its own user's other processes, so
 * a test cannot reach into the memory or the descriptors of the test runner that started it.
 */
export async function provideNode(cache: string, executable = process.execPath): Promise<string> {
  const origin = createHash('sha256').update(executable).digest('hex').slice(0, 8);
  const folder = await cached(cache, `node-${process.version}-${process.arch}-${origin}`, async (draft) => {
    await copyFile(executable, path.join(draft, 'node'));
    await chmod(path.join(draft, 'node'), 0o111);
  });
  return path.join(folder, 'node');
}
