// What a person has to know of a package before it is installed. It fetches descriptions, and no package.
import type { DependencyLook } from '../domain/new-dependencies';
import { alive } from './alive';
import type { Packages } from './ports';

export type PackageActivities = ReturnType<typeof createPackageActivities>;

export function createPackageActivities({ packages }: { packages: Packages }) {
  return {
    lookAtDependencies: ({ named }: { named: readonly string[] }): Promise<DependencyLook[]> =>
      alive(() => packages.look(named)),
  };
}
