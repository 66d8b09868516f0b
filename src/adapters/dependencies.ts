// What a repository may depend on: what the operator and the base's .millwright.yaml name, and what the base has already.
import type { Dependencies, Trees } from '../activities/ports';
import { isLockfile, isManifest, knownIn } from '../domain/dependencies';
import { LOCKFILE_LIMIT_BYTES } from '../domain/lockfiles';
import { newDependencies } from '../domain/new-dependencies';
import { SETTINGS_FILE, settingsIn } from './repository-settings';

// What only builds a package, and is brought by every template of one.
const builders = ['setuptools', 'wheel', 'hatchling', 'poetry-core', 'flit-core', 'pdm-backend'];

/** What an operator has said about packages that are new to a repository. */
export type NewDependencies = { allowed?: readonly string[]; asks?: boolean };

export function createDependencies(trees: Trees, { allowed: operators = [], asks = false }: NewDependencies = {}) {
  const dependencies: Dependencies = {
    async allowance(repository, base) {
      const entries = await trees.list(repository, base);
      const telling = entries.map(({ path }) => path).filter((path) => isManifest(path) || isLockfile(path));
      const files = await trees.read(repository, base, [SETTINGS_FILE, ...telling], LOCKFILE_LIMIT_BYTES);
      const settings = files.get(SETTINGS_FILE);
      files.delete(SETTINGS_FILE);
      return { allowed: new Set([...builders, ...operators, ...allowedIn(settings)]), known: knownIn(files), asks };
    },
    async brought(repository, base, treeish) {
      const [before, after] = await Promise.all([trees.list(repository, base), trees.list(repository, treeish)]);
      const had = new Map(before.map(({ path, sha }) => [path, sha]));
      const changed = after
        .filter(({ path, sha }) => (isManifest(path) || isLockfile(path)) && had.get(path) !== sha)
        .map(({ path }) => path);
      if (changed.length === 0) return [];
      const [old, now, allowance] = await Promise.all([
        trees.read(repository, base, changed, LOCKFILE_LIMIT_BYTES),
        trees.read(repository, treeish, changed, LOCKFILE_LIMIT_BYTES),
        dependencies.allowance(repository, base),
      ]);
      return newDependencies(
        changed.map((path) => ({ path, before: old.get(path), after: now.get(path) })),
        allowance,
      );
    },
  };
  return dependencies;
}

/** A file that cannot be read allows nothing. */
function allowedIn(text: string | undefined): readonly string[] {
  const settings = settingsIn(text);
  return 'broken' in settings ? [] : settings.dependencies;
}
