// Reading what a tree holds: the entries, and the bytes behind them.
import { permanent } from '../../domain/failures';
import type { TreeEntry } from '../../activities/ports';
import { gone, type Mirror } from './mirror';

const LISTED_TREES = 50;
const LISTED_ENTRIES = 10_000;
const MOST_ENTRIES = 1_000_000;
// As git has it by default, core.maxTreeDepth.
const DEEPEST = 2_048;
const BYTES_A_BATCH = 32 * 1024 * 1024;

export const FOLDER = '040000';
const SYMLINK = '120000';
export const isFile = (entry: { mode: string }): boolean => entry.mode === '100644' || entry.mode === '100755';
const isBlob = (entry: { mode: string }): boolean => isFile(entry) || entry.mode === SYMLINK;

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

/** Several activities of a stage ask for the same trees. */
async function wholeTree(mirror: Mirror, tree: string): Promise<readonly TreeEntry[]> {
  const { listed } = mirror;
  const known = listed.get(tree);
  if (known !== undefined) return known;
  const entries = await sized(mirror, await below(mirror, tree));
  if (entries.length > LISTED_ENTRIES) return entries;
  if (listed.size >= LISTED_TREES) listed.delete(listed.keys().next().value!);
  listed.set(tree, entries);
  return entries;
}

/** All but the folders themselves, in git's order. A few trees that hold each other can stand for more than fits anywhere. */
async function below(mirror: Mirror, tree: string): Promise<TreeEntry[]> {
  const trees = await treesUnder(mirror, tree);
  const files: TreeEntry[] = [];
  let seen = 0;
  const go = (sha: string, folder: string, depth: number): void => {
    if (depth > DEEPEST) throw tooDeep(tree);
    for (const entry of trees.get(sha)!) {
      if (++seen > MOST_ENTRIES) throw tooMany(tree);
      const path = `${folder}${entry.path}`;
      if (entry.mode === FOLDER) go(entry.sha, `${path}/`, depth + 1);
      else files.push({ ...entry, path });
    }
  };
  go(`${tree}^{tree}`, '', 1);
  return files;
}

/** What each of them holds, read once however often it is held. */
async function treesUnder(mirror: Mirror, tree: string): Promise<Map<string, TreeEntry[]>> {
  const found = new Map<string, TreeEntry[]>();
  let [seen, depth] = [0, 0];
  for (let level = [`${tree}^{tree}`]; level.length > 0;) {
    if (++depth > DEEPEST) throw tooDeep(tree);
    const further = new Set<string>();
    for await (const [sha, entries] of holding(mirror, level)) {
      if ((seen += entries.length) > MOST_ENTRIES) throw tooMany(tree);
      found.set(sha, entries);
      for (const entry of entries) if (entry.mode === FOLDER) further.add(entry.sha);
    }
    level = [...further].filter((sha) => !found.has(sha));
  }
  return found;
}

async function* holding(mirror: Mirror, trees: readonly string[]): AsyncGenerator<[string, TreeEntry[]]> {
  const sizes = await mirror.read.info(trees);
  for (const batch of batches(trees.map((sha, at) => ({ sha, bytes: sizes[at]?.bytes ?? 0 })))) {
    const shas = batch.map(({ sha }) => sha);
    const contents = await treeObjects(mirror, shas);
    for (const [at, sha] of shas.entries()) yield [sha, entriesIn(contents[at]!, '')];
  }
}

const tooMany = (tree: string) => permanent('InvalidInput', `${tree} has more than ${MOST_ENTRIES} files and folders`);
const tooDeep = (tree: string) => permanent('InvalidInput', `the folders of ${tree} are deeper than ${DEEPEST}`);

/** The entries at these very paths, folders included. */
export async function entriesAt(mirror: Mirror, tree: string, paths: readonly string[]): Promise<TreeEntry[]> {
  return sized(mirror, await walk(mirror, `${tree}^{tree}`, '', [...new Set(paths)]));
}

async function sized({ read }: Mirror, entries: readonly TreeEntry[]): Promise<TreeEntry[]> {
  const blobs = await read.info(entries.filter(isBlob).map(({ sha }) => sha));
  const sizes = new Map(blobs.map((blob) => [blob?.sha, blob?.bytes]));
  return entries.map((entry) => ({ ...entry, bytes: sizes.get(entry.sha) ?? 0 }));
}

/** What a folder has of these paths, which all lie in it. */
async function walk(mirror: Mirror, tree: string, folder: string, paths: readonly string[]): Promise<TreeEntry[]> {
  if (paths.length === 0) return [];
  const asked = byStep(paths, folder.length);
  const found = await Promise.all(
    entriesIn((await treeObjects(mirror, [tree]))[0]!, folder).map(async (entry) => {
      const here = asked.get(entry.path) ?? [];
      const further = entry.mode === FOLDER ? here.filter((path) => path !== entry.path) : [];
      const deeper = await walk(mirror, entry.sha, `${entry.path}/`, further);
      return here.includes(entry.path) ? [entry, ...deeper] : deeper;
    }),
  );
  return found.flat();
}

async function treeObjects(mirror: Mirror, trees: readonly string[]): Promise<Buffer[]> {
  return (await mirror.read.contents(trees)).map((object, at) => {
    if (object === undefined) throw gone(mirror, `the tree ${trees[at]}`);
    return object.content;
  });
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
      return SYMLINK;
    case 0o040000:
      return FOLDER;
    default:
      return '160000';
  }
}

/** Whether a path can be asked for at all: relative, in plain steps. */
export const isPlain = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Groups of objects that are small enough to hold in memory at once. */
export function* batches<T extends { bytes: number }>(entries: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
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
    if (object === undefined) throw gone(mirror, `the file ${shas[at]}`);
    return object.content;
  });
}
