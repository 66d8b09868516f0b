// Reading what a tree holds: the entries, and the bytes behind them.
import { permanent } from '../../domain/failures';
import type { TreeEntry } from '../../activities/ports';
import type { Mirror } from './mirror';

const PATHS_A_COMMAND = 1_000;
const BYTES_A_BATCH = 32 * 1024 * 1024;

export const FOLDER = '040000';
export const isFile = (entry: { mode: string }): boolean => entry.mode === '100644' || entry.mode === '100755';

/** Every file of a tree, or those at and under the given paths. */
export async function entriesOf(mirror: Mirror, tree: string, paths?: readonly string[]): Promise<TreeEntry[]> {
  if (paths === undefined) return parseEntries(await mirror.ask(['ls-tree', '-r', '-z', '-l', '--full-tree', tree]));
  return entriesAt(mirror, tree, paths, ['-r']);
}

/** The entries at these very paths, folders included. */
export async function entriesAt(
  mirror: Mirror,
  tree: string,
  paths: readonly string[],
  how: readonly string[] = ['-t'],
): Promise<TreeEntry[]> {
  const found = new Map<string, TreeEntry>();
  for (let at = 0; at < paths.length; at += PATHS_A_COMMAND) {
    const some = paths.slice(at, at + PATHS_A_COMMAND);
    const { stdout } = await mirror.run(['ls-tree', '-z', '-l', '--full-tree', ...how, tree, '--', ...some]);
    for (const entry of parseEntries(stdout.toString())) found.set(entry.path, entry);
  }
  return [...found.values()];
}

/** Whether a path can be asked for at all: relative, in plain steps. */
export const isPlain = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

function parseEntries(listing: string): TreeEntry[] {
  return listing
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode, , sha, bytes] = line.slice(0, tab).split(/ +/);
      return { path: line.slice(tab + 1), mode: mode!, sha: sha!, bytes: Number(bytes) || 0 };
    });
}

/** Groups of files that are small enough to hold in memory at once. */
export function* batches(entries: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let batch: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (batch.length > 0 && bytes + entry.bytes > BYTES_A_BATCH) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entry.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** The bytes of these blobs, in their order. */
export async function blobs(mirror: Mirror, shas: readonly string[]): Promise<Buffer[]> {
  if (shas.length === 0) return [];
  const { stdout } = await mirror.run(['cat-file', '--batch=%(objectsize)'], { input: `${shas.join('\n')}\n` });
  let at = 0;
  return shas.map((sha) => {
    const end = stdout.indexOf('\n', at);
    const bytes = Number(stdout.toString('latin1', at, end));
    if (!Number.isInteger(bytes))
      throw permanent('InvalidInput', `the contents ${sha} are missing from the repository`);
    at = end + 1 + bytes + 1;
    return stdout.subarray(end + 1, end + 1 + bytes);
  });
}
