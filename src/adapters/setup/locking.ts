// Makes a lockfile anew where a change asks for other packages and cannot know their hashes: npm does it, in the sandbox, from descriptions alone.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locks, Sandbox, Trees } from '../../activities/ports';
import { isNpmManifest, LOCKFILE_LIMIT_BYTES, npmLockfileIn, PUBLIC_NPM, readNpmLock } from '../../domain/lockfiles';
import type { Registries } from '../registries/registries';
import { install, refused } from './installing';
import { npmLocking, provideNpm } from './npm';

const MANIFESTS_LIMIT = 1_000;

export type LockSettings = { trees: Trees; sandbox: Sandbox; cache: string; registries: () => Promise<Registries> };

/** Where the operator wants nothing installed, nothing is asked of registries either. */
export const noLocks: Locks = { lock: () => Promise.resolve(undefined) };

export function createLocks({ trees, sandbox, cache, registries: told }: LockSettings): Locks {
  return {
    async lock({ repository, treeish, signal }) {
      const entries = await trees.list(repository, treeish);
      const lockfile = npmLockfileIn(entries);
      if (lockfile === undefined) return undefined;
      const manifests = entries
        .filter(({ path: file, mode }) => isNpmManifest(file) && mode.startsWith('100'))
        .map(({ path: file }) => file)
        .filter((file) => !file.includes('node_modules/'))
        .slice(0, MANIFESTS_LIMIT);
      const files = await trees.read(repository, treeish, [lockfile, ...manifests], LOCKFILE_LIMIT_BYTES);
      const before = files.get(lockfile);
      if (before === undefined) return refused(lockfile, ['it cannot be read as a text']);
      const [registries, npm] = [await told(), await provideNpm(cache)];
      const wanted = { ...npmLocking(files, lockfile, registries, npm), registries, signal };
      const made = await outputOf(lockfile, (into) => install(sandbox, wanted, into));
      if (typeof made !== 'string') return refused(lockfile, made.objections);
      const text = addressedAs(before, made, registries.npm);
      if (text === before) return { lockfile, before, text };
      const plan = readNpmLock(text, registries.npm);
      if ('objections' in plan) return refused(lockfile, plan.objections);
      return { lockfile, before, text };
    },
  };
}

async function outputOf<T extends object>(
  file: string,
  work: (into: string) => Promise<T | { objections: string[] }>,
): Promise<string | { objections: string[] }> {
  const into = await mkdtemp(path.join(tmpdir(), 'millwright-lock-'));
  try {
    const done = await work(into);
    return 'objections' in done ? done : await readFile(path.join(into, file), 'utf8');
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

/** A registry may be this machine's own way to the packages: what is merged names them as the lockfile did before, or as everybody does. */
function addressedAs(before: string, made: string, registry: string): string {
  const isOwn = before.includes(`"resolved": "${registry}`) && !before.includes(`"resolved": "${PUBLIC_NPM}`);
  return isOwn ? made : made.replaceAll(`"resolved": "${registry}`, `"resolved": "${PUBLIC_NPM}`);
}
