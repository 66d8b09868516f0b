// What differs between two trees, where a text occurs in one, and what two commits make together.
import type { FileDiff, MergedTree } from '../../activities/ports';
import type { Mirror } from './mirror';

const PATCH_LIMIT_CHARS = 400_000;
const SEARCH_LIMIT_BYTES = 2_000_000;
const LINE_LIMIT_CHARS = 400;

const plainDiff = ['diff-tree', '-r', '--no-ext-diff', '--no-textconv', '--no-renames', '--no-color'];

export async function compare(
  mirror: Mirror,
  from: string,
  to: string,
  paths: readonly string[] = [],
): Promise<{ files: FileDiff[]; patch: string }> {
  const only = paths.length === 0 ? [] : ['--', ...paths.filter(Boolean)];
  if (from === to) return { files: [], patch: '' };
  const [counts, patch] = await Promise.all([
    mirror.ask([...plainDiff, '--numstat', '-z', from, to, ...only]),
    mirror.run([...plainDiff, '-p', from, to, ...only], { limitBytes: PATCH_LIMIT_CHARS }),
  ]);
  const text = patch.stdout.toString();
  return { files: counts.split('\0').filter(Boolean).map(counted), patch: patch.cut ? cutOff(text) : text };
}

function counted(line: string): FileDiff {
  const [added, deleted, ...path] = line.split('\t');
  return { path: path.join('\t'), added: Number(added) || 0, deleted: Number(deleted) || 0 };
}

const cutOff = (patch: string): string =>
  `${patch.slice(0, patch.slice(0, PATCH_LIMIT_CHARS).lastIndexOf('\n'))}\n[cut: the whole patch is longer than ${PATCH_LIMIT_CHARS} characters]\n`;

export type Hit = { path: string; line: number; text: string };

/** Lines that hold this very text. */
export async function searchText(mirror: Mirror, tree: string, text: string, limit: number): Promise<Hit[]> {
  if (text === '' || /[\n\0]/.test(text) || limit < 1) return [];
  const how = ['-z', '-n', '-I', '--full-name', '--fixed-strings', '--no-color', `--max-count=${limit}`];
  // Not among the arguments, which every process of the machine may read.
  const options = { answers: [1], limitBytes: SEARCH_LIMIT_BYTES, input: text };
  const { stdout } = await mirror.run(['grep', ...how, '-f', '-', tree, '--'], options);
  const lines = stdout.toString().split('\n').slice(0, -1);
  return lines.slice(0, limit).map((line) => hit(line.slice(tree.length + 1)));
}

function hit(found: string): Hit {
  const [path, line, ...text] = found.split('\0');
  return { path: path!, line: Number(line), text: text.join('\0').slice(0, LINE_LIMIT_CHARS) };
}

// Merge drivers are programs that configuration names; a mirror's has none, and a bare repository reads no attributes.
export async function mergedTree(mirror: Mirror, ours: string, theirs: string): Promise<MergedTree> {
  const how = ['--write-tree', '--name-only', '-z', '--no-messages', '--allow-unrelated-histories'];
  const { stdout } = await mirror.run(['merge-tree', ...how, ours, theirs], { answers: [1] });
  const [tree, ...conflicts] = stdout.toString().split('\0').filter(Boolean);
  return { tree: tree!.trim(), conflicts: [...new Set(conflicts)] };
}
