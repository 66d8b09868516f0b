// What a change set may do to a tree: write and delete plain files at plain paths, and nothing through a link.
import type { FileChange, TreeEntry } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { pathObjection } from '../../domain/paths';
import type { Mirror } from './mirror';
import { entriesAt, FOLDER, isFile } from './objects';

/** The changes with the modes that their files have already; throws for one that may not be made. */
export async function allowedChanges(
  mirror: Mirror,
  tree: string,
  changes: readonly FileChange[],
): Promise<(FileChange & { mode?: string })[]> {
  for (const { path } of changes) refuseIf(path, pathObjection(path));
  const paths = new Set(changes.flatMap(({ path }) => [path, ...parentsOf(path)]));
  const before = new Map((await entriesAt(mirror, tree, [...paths])).map((entry) => [entry.path, entry]));
  const written = new Set(changes.filter((change) => 'content' in change).map(({ path }) => path));
  const deleted = new Set(changes.filter(({ path }) => !written.has(path)).map(({ path }) => path));
  for (const path of written) refuseIf(path, writingObjection(path, { before, written, deleted }));
  for (const path of deleted) refuseIf(path, deletionObjection(before.get(path)));
  return changes
    .filter(({ path }) => written.has(path) || before.has(path))
    .map((change) => ({ ...change, mode: before.get(change.path)?.mode }));
}

type ChangeSet = { before: Map<string, TreeEntry>; written: Set<string>; deleted: Set<string> };

function writingObjection(path: string, { before, written, deleted }: ChangeSet): string | undefined {
  const present = before.get(path);
  if (present && !isFile(present)) return `it is ${kind(present)}`;
  for (const parent of parentsOf(path)) {
    if (written.has(parent)) return `"${parent}" is written as a file beside it`;
    const entry = before.get(parent);
    if (entry === undefined || entry.mode === FOLDER) continue;
    if (!isFile(entry) || !deleted.has(parent)) return `"${parent}" is ${kind(entry)}`;
  }
  return undefined;
}

// A link may go, since nothing is followed; a whole folder or another repository does not go with one word.
const deletionObjection = (entry?: TreeEntry): string | undefined =>
  entry?.mode === FOLDER || entry?.mode === '160000' ? `it is ${kind(entry)}` : undefined;

function kind({ mode }: TreeEntry): string {
  if (mode === FOLDER) return 'a folder';
  if (mode === '120000') return 'a symbolic link';
  return mode === '160000' ? 'a submodule' : 'a file';
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function refuseIf(path: string, objection: string | undefined): void {
  if (objection !== undefined)
    throw permanent('InvalidInput', `"${path.slice(0, 240)}" cannot be changed: ${objection}`);
}
