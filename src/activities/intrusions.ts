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
  const projects = changed.filter((path) => /(^|\/)pyproject\.toml$/.test(path));
  const [was, is] = await Promise.all([trees.read(repository, base, projects), trees.read(repository, tree, projects)]);
  return [
    ...treeObjections(before, after, changed),
    ...projects
      .filter((path) => pytestWords(was.get(path)) !== pytestWords(is.get(path)))
      .map((path) => ({
        path,
        objection: 'its settings of pytest say how tests are run, and must stay as on the base',
      })),
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

/** What a pyproject.toml says to pytest: its tables, and whatever else names it or hides its letters. */
function pytestWords(content = ''): string {
  let within = false;
  return content
    .split('\n')
    .filter((line) => {
      if (/^\s*\[/.test(line)) within = /pytest/i.test(line);
      return within || /pytest.*=|=.*\bini_options\b|\\u/i.test(line);
    })
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

function hasConflictMarkers(content: string): boolean {
  const ours = content.search(/^<{7} /m);
  return ours !== -1 && /^>{7} /m.test(content.slice(ours));
}
