// What would be merged and must not be, whoever wrote it: what judges the candidate, paths that nobody may propose, conflicts.
import { runsOtherwise } from '../domain/package-json';
import { isTestFile, judgesTests } from '../domain/paths';
import { treeObjections } from '../domain/proposed-files';
import type { TreeEntry, Trees } from './ports';

export type Intrusion = { path: string; objection: string };

export async function intrusions(
  trees: Trees,
  repository: string,
  [base, before]: readonly [string, readonly TreeEntry[]],
  [tree, after]: readonly [string, readonly TreeEntry[]],
): Promise<Intrusion[]> {
  const changed = changedPaths(before, after);
  const had = new Set(before.map(({ path }) => path));
  const judges = changed.filter((path) => judgesTests(path) || (had.has(path) && isTestFile(path)));
  const packages = changed.filter((path) => had.has(path) && /(^|\/)package\.json$/.test(path));
  const [old, now] = await Promise.all([trees.read(repository, base, packages), trees.read(repository, tree, changed)]);
  return [
    ...treeObjections(before, after, changed),
    ...judges.map((path) => ({
      path,
      objection: had.has(path)
        ? 'it judges the candidate, and must stay as it is on the base'
        : 'it would say how tests are run, and the base does not have it',
    })),
    ...packages
      .filter((path) => runsOtherwise(old.get(path), now.get(path)))
      .map((path) => ({ path, objection: 'its scripts say how tests are run, and must stay as they are on the base' })),
    ...[...now]
      .filter(([, content]) => hasConflictMarkers(content))
      .map(([path]) => ({ path, objection: 'conflict markers are left in it' })),
  ];
}

/** Every path at which the two differ: in content, in mode, or in being there. */
export function changedPaths(before: readonly TreeEntry[], after: readonly TreeEntry[]): string[] {
  const state = (entries: readonly TreeEntry[]) =>
    new Map(entries.map(({ path, sha, mode }) => [path, `${mode} ${sha}`]));
  const [old, now] = [state(before), state(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
}

function hasConflictMarkers(content: string): boolean {
  const ours = content.search(/^<{7} /m);
  return ours !== -1 && /^>{7} /m.test(content.slice(ours));
}
