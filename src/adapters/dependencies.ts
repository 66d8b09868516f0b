// What a repository may depend on: what the operator and the base's .millwright.yaml name, and what the base has already.
import type { Dependencies, Trees } from '../activities/ports';
import { isLockfile, isManifest, knownIn } from '../domain/dependencies';
import { SETTINGS_FILE, settingsIn } from './repository-settings';

const LOCKFILE_LIMIT_BYTES = 20_000_000;
// What only builds a package, and is brought by every template of one.
const builders = ['setuptools', 'wheel', 'hatchling', 'poetry-core', 'flit-core', 'pdm-backend'];

export function createDependencies(trees: Trees, operators: readonly string[] = []): Dependencies {
  return {
    async allowance(repository, base) {
      const entries = await trees.list(repository, base);
      const telling = entries.map(({ path }) => path).filter((path) => isManifest(path) || isLockfile(path));
      const files = await trees.read(repository, base, [SETTINGS_FILE, ...telling], LOCKFILE_LIMIT_BYTES);
      const settings = files.get(SETTINGS_FILE);
      files.delete(SETTINGS_FILE);
      return { allowed: new Set([...builders, ...operators, ...allowedIn(settings)]), known: knownIn(files) };
    },
  };
}

/** A file that cannot be read allows nothing. */
function allowedIn(text: string | undefined): readonly string[] {
  const settings = settingsIn(text);
  return 'broken' in settings ? [] : settings.dependencies;
}
