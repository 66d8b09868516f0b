// What has to be known of packages before they are installed: by a person, and by a lockfile. It fetches descriptions, and no package.
import type { DependencyLook } from '../domain/new-dependencies';
import type { Locked, LockTask } from '../domain/tasks';
import { deltaOf } from '../domain/text-delta';
import { alive } from './alive';
import type { Locks, Packages } from './ports';

const DELTA_LIMIT_CHARS = 150_000; // of Temporal's payloads
const OBJECTIONS_LIMIT = 40;

export type PackageActivities = ReturnType<typeof createPackageActivities>;

export function createPackageActivities({ packages, locks }: { packages: Packages; locks: Locks }) {
  return {
    lookAtDependencies: ({ named }: { named: readonly string[] }): Promise<DependencyLook[]> =>
      alive(() => packages.look(named)),

    lockDependencies: ({ repository, candidate }: LockTask): Promise<Locked> =>
      alive(async (signal) => {
        const made = await locks.lock({ repository, treeish: candidate, signal });
        if (made === undefined) return {};
        if ('objections' in made) return { objections: made.objections.slice(0, OBJECTIONS_LIMIT) };
        const { lockfile, before, text } = made;
        if (text === before) return {};
        const delta = deltaOf(before, text);
        return JSON.stringify(delta).length > DELTA_LIMIT_CHARS
          ? { objections: [`${lockfile}: too much of it would change at once; bring fewer packages`] }
          : { lock: { lockfile, delta } };
      }),
  };
}
