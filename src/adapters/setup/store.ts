// The installed dependencies that this machine keeps: by what they were installed from, whole or not at all, and no more than so many bytes.
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { cached, exists } from '../provision/cache';

const ABOUT = 'installed.json';
// What was used this recently may be mounted still.
const IN_USE_MS = 2 * 3_600_000;
const DRAFT_MS = 24 * 3_600_000;

const Kept = z.object({ packages: z.number(), bytes: z.number(), roots: z.array(z.string()) });
/** `roots` are the folders in it that tests find their packages in. */
export type Kept = z.infer<typeof Kept>;

export type Store = {
  find(name: string): Promise<(Kept & { folder: string }) | undefined>;
  fill(name: string, fill: (folder: string) => Promise<Kept>): Promise<Kept & { folder: string }>;
};

export function createStore(root: string, capBytes: number): Store {
  const find: Store['find'] = async (name) => {
    const folder = path.join(root, name);
    const kept = await about(folder);
    if (kept === undefined) return undefined;
    const now = new Date();
    await utimes(folder, now, now).catch(() => undefined);
    return { ...kept, folder };
  };
  return {
    find,
    async fill(name, fill) {
      await cached(root, name, async (draft) => {
        const kept = await fill(draft);
        await writeFile(path.join(draft, ABOUT), JSON.stringify(kept));
      });
      await evict(root, capBytes, name);
      return (await find(name))!;
    },
  };
}

/** How many there are, and how large they are together. */
export async function storeSize(root: string): Promise<{ kept: number; bytes: number }> {
  const all = await keptIn(root);
  return { kept: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function about(folder: string): Promise<Kept | undefined> {
  const text = await readFile(path.join(folder, ABOUT), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Kept.parse(JSON.parse(text));
}

async function keptIn(root: string): Promise<{ name: string; bytes: number; usedMs: number }[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => !name.startsWith('.'));
  const all = names.map(async (name) => {
    const folder = path.join(root, name);
    const [kept, found] = await Promise.all([about(folder), stat(folder).catch(() => undefined)]);
    return kept && found ? [{ name, bytes: kept.bytes, usedMs: found.mtimeMs }] : [];
  });
  return (await Promise.all(all)).flat();
}

/** The longest unused go first; and what a killed worker left half filled. */
async function evict(root: string, capBytes: number, newest: string): Promise<void> {
  await removeDrafts(root);
  const all = (await keptIn(root)).sort((a, b) => a.usedMs - b.usedMs);
  let bytes = all.reduce((sum, kept) => sum + kept.bytes, 0);
  for (const kept of all) {
    if (bytes <= capBytes) return;
    if (kept.name === newest || kept.usedMs > Date.now() - IN_USE_MS) continue;
    const gone = path.join(root, `.gone-${kept.name}-${process.pid}`);
    // Out of its place first: nobody is to find half of it.
    if (
      await rename(path.join(root, kept.name), gone).then(
        () => true,
        () => false,
      )
    )
      await rm(gone, { recursive: true, force: true });
    bytes -= kept.bytes;
  }
}

async function removeDrafts(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter((each) => each.startsWith('.'))) {
    const draft = path.join(root, name);
    const { mtimeMs = Date.now() } = (await stat(draft).catch(() => undefined)) ?? {};
    if (mtimeMs < Date.now() - DRAFT_MS && (await exists(draft))) await rm(draft, { recursive: true, force: true });
  }
}
