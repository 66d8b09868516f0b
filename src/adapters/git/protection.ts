// Which paths of a change need a person's approval by name: what differs between two trees, by the policy of the first.
import type { Dependencies, Protection, Trees } from '../../activities/ports';
import { isPackage, protectedPaths, type FileText, type ProtectionPolicy } from '../../domain/protected-paths';
import { SETTINGS_FILE, settingsIn } from '../repository-settings';

export function createProtection(trees: Trees, dependencies: Dependencies): Protection {
  return {
    async pathsIn(repository, base, treeish) {
      const [before, after] = await Promise.all([trees.list(repository, base), trees.list(repository, treeish)]);
      const state = (entries: typeof before) => new Map(entries.map(({ path, sha, mode }) => [path, `${mode} ${sha}`]));
      const [old, now] = [state(before), state(after)];
      const changed = [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
      const packages = changed.filter(isPackage);
      const [texts, settled] = await Promise.all([
        trees.read(repository, base, [...packages, SETTINGS_FILE]),
        trees.read(repository, treeish, packages),
      ]);
      const text = (there: Map<string, string>, read: Map<string, string>, path: string): FileText =>
        read.get(path) ?? (there.has(path) ? null : undefined);
      const changes = changed.map((path) =>
        isPackage(path) ? { path, before: text(old, texts, path), after: text(now, settled, path) } : { path },
      );
      const brought = await dependencies.brought(repository, base, treeish);
      return [...protectedPaths(changes, policyIn(text(old, texts, SETTINGS_FILE))), ...brought];
    },
  };
}

function policyIn(text: FileText): ProtectionPolicy {
  if (text === null) return { broken: 'it cannot be read' };
  const settings = settingsIn(text);
  return 'broken' in settings ? settings : { patterns: settings.protected };
}
