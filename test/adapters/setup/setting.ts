// A setup of its own for a test: real git, the real sandbox, npm and pip, and a cache that is empty at first.
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Installed, SandboxResult } from '../../../src/activities/ports';
import { createRegistries, type RegistrySettings } from '../../../src/adapters/registries/registries';
import { withInstalled } from '../../../src/adapters/sandbox/installed';
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';
import { createLocks } from '../../../src/adapters/setup/locking';
import { createSetup } from '../../../src/adapters/setup/setup';
import { bare, tip, worker, write } from '../git/ground';

const GIB = 1024 ** 3;
export const scratch = mkdtempSync(path.join(tmpdir(), 'setup-'));
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export const sandbox = createSandbox({ scratch });
const { trees } = worker();

export const freshCache = (): string => {
  const cache = mkdtempSync(path.join(scratch, 'cache-'));
  chmodSync(cache, 0o755);
  return cache;
};

/** On a cache of this test's own. */
export function settingUp(registries: RegistrySettings, { cache = freshCache(), capBytes = GIB } = {}) {
  const setup = createSetup({ trees, sandbox, cache, capBytes, registries: createRegistries(registries) });
  return async (files: Record<string, string>, signal?: AbortSignal) => {
    const repository = bare(files);
    const treeish = tip(repository);
    return setup.setUp({ repository, treeish, entries: await trees.list(repository, treeish), signal });
  };
}

/** What npm makes of the lockfile among these files. */
export function locking(registries: RegistrySettings, cache = freshCache()) {
  const locks = createLocks({ trees, sandbox, cache, registries: createRegistries(registries) });
  return (files: Record<string, string>) => {
    const repository = bare(files);
    return locks.lock({ repository, treeish: tip(repository) });
  };
}

export function ready(found: Installed | { objections: readonly string[] }): Installed {
  if ('objections' in found) throw new Error(found.objections.join('; '));
  return found;
}

/** Runs a script of Node's beside what was installed, as tests run. */
export function inside(installed: Installed, script: string, command = ['node', 'script.cjs']): Promise<SandboxResult> {
  return sandbox.withFolder((folder) => {
    write(folder, { 'script.cjs': script });
    return withInstalled(sandbox, installed).run({ command, folder });
  });
}
