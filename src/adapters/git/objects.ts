// Reading what a tree holds: the entries, and the bytes behind them.
import { permanent } from '../../domain/failures';
import type { TreeEntry } from '../../activities/ports';
import type { Mirror } from './mirror';

const LISTED_TREES = 50;
const LISTED_ENTRIES = 10_000;
const BYTES_A_BATCH = 32 * 1024 * 1024;

export const FOLDER = '040000';
export const isFile = (entry: { mode: string }): boolean => entry.mode === '100644' || entry.mode === '100755';

/** Every file of a tree, or those at and under the given paths. */
export async function entriesOf(
  mirror: Mirror,
  tree: string,
  paths?: readonly string[],
): Promise<readonly TreeEntry[]> {
  if (paths === undefined) return wholeTree(mirror, tree);
  const found = await entriesAt(mirror, tree, paths);
  const folders = found.filter(({ mode }) => mode === FOLDER);
  const under = await Promise.all(
    folders.map(async ({ path, sha }) =>
      (await entriesOf(mirror, sha)).map((entry) => ({ ...entry, path: `${path}/${entry.path}` })),
    ),
  );
  // A folder and a file in it may both be asked for.
  const all = [...found.filter(({ mode }) => mode !== FOLDER), ...under.flat()];
  return [...new Map(all.map((entry) => [entry.path, entry])).values()];
}

/** Several activities of a stage ask for the same trees, and a process for each answer costs more than the answer. */
async function wholeTree({ ask, listed }: Mirror, tree: string): Promise<readonly TreeEntry[]> {
  const known = listed.get(tree);
  if (known !== undefined) return known;
  const entries = parseEntries(await ask(['ls-tree', '-r', '-z', '-l', '--full-tree', tree]));
  if (!/^[0-9a-f]{40}$/.test(tree) || entries.length > LISTED_ENTRIES) return entries;
  if (listed.size >= LISTED_TREES) listed.delete(listed.keys().next().value!);
  listed.set(tree, entries);
  return entries;
}

/** The entries at these very paths, folders included. */
export async function entriesAt(mirror: Mirror, tree: string, paths: readonly string[]): Promise<TreeEntry[]> {
  const found = await walk(mirror, `${tree}^{tree}`, '', [...new Set(paths)]);
  const files = await mirror.read.info(found.filter(isFile).map(({ sha }) => sha));
  const sizes = new Map(files.map((file) => [file?.sha, file?.bytes]));
  return found.map((entry) => ({ ...entry, bytes: sizes.get(entry.sha) ?? 0 }));
}

/** What a folder has of these paths, which all lie in it. */
async function walk(mirror: Mirror, tree: string, folder: string, paths: readonly string[]): Promise<TreeEntry[]> {
  if (paths.length === 0) return [];
  const [object] = await mirror.read.contents([tree]);
  if (object === undefined) throw permanent('InvalidInput', `the tree ${tree} is missing from the repository`);
  const asked = byStep(paths, folder.length);
  const found = await Promise.all(
    entriesIn(object.content, folder).map(async (entry) => {
      const here = asked.get(entry.path) ?? [];
      const further = entry.mode === FOLDER ? here.filter((path) => path !== entry.path) : [];
      const deeper = await walk(mirror, entry.sha, `${entry.path}/`, further);
      return here.includes(entry.path) ? [entry, ...deeper] : deeper;
    }),
  );
  return found.flat();
}

/** The paths by the entry of their folder that leads to them. */
function byStep(paths: readonly string[], folderChars: number): Map<string, string[]> {
  const steps = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.indexOf('/', folderChars);
    const step = end === -1 ? path : path.slice(0, end);
    const same = steps.get(step);
    if (same === undefined) steps.set(step, [path]);
    else same.push(path);
  }
  return steps;
}

const SHA_BYTES = 20;

/** A tree as git stores it: `<mode> <name>\\0<20 bytes>`, again and again. */
function entriesIn(content: Buffer, folder: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const [space, zero] = [content.indexOf(' ', at), content.indexOf(0, at)];
    const end = zero + 1 + SHA_BYTES;
    entries.push({
      mode: modeOf(parseInt(content.toString('latin1', at, space), 8)),
      path: `${folder}${content.toString('utf8', space + 1, zero)}`,
      sha: content.toString('hex', zero + 1, end),
      bytes: 0,
    });
    at = end;
  }
  return entries;
}

/** As git reads it: in old trees there are other bits. */
function modeOf(bits: number): string {
  switch (bits & 0o170000) {
    case 0o100000:
      return bits & 0o100 ? '100755' : '100644';
    case 0o120000:
      return '120000';
    case 0o040000:
      return FOLDER;
    default:
      return '160000';
  }
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
  const objects = await mirror.read.contents(shas);
  return objects.map((object, at) => {
    if (object === undefined)
      throw permanent('InvalidInput', `the contents ${shas[at]} are missing from the repository`);
    return object.content;
  });
}
