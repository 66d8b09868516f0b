// Real repositories in a folder of their own, and plain git to look at them with.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileChange } from '../../../src/activities/ports';
import { createGit } from '../../../src/adapters/git/create-git';
import type { EffectKey } from '../../../src/domain/names';

export const AT = '2026-01-02T03:04:05Z';
export const place = { project: 'shop', milestone: 'm1' };
export const key = (over: Partial<EffectKey> = {}): EffectKey => ({
  ...{ ...place, runId: 'run-1', stage: 'implement', iteration: 1 },
  ...over,
});

export const ground = mkdtempSync(path.join(tmpdir(), 'millwright-git-'));
afterAll(() => rmSync(ground, { recursive: true, force: true }));

let count = 0;
export const fresh = (name: string): string => path.join(ground, `${name}-${++count}`);

export const worker = () => createGit({ home: fresh('home') });

const env = {
  ...{ PATH: process.env.PATH, HOME: ground, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'maintenance.auto', GIT_CONFIG_VALUE_0: 'false' },
  ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@localhost' },
  ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@localhost' },
};

export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim();

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

const made = new Map<string, string>();

/** A checkout on `main` with one commit of these files. */
export function checkout(files: Record<string, string> = { 'a.txt': 'one\n' }): string {
  return copy('checkout', files, (folder) => {
    git(ground, 'init', '--quiet', '--template=', '--initial-branch=main', folder);
    write(folder, files);
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--message=first');
  });
}

/** A bare repository with one commit of these files on `main`. */
export const bare = (files?: Record<string, string>): string =>
  copy('bare', files, (folder) => git(ground, 'clone', '--quiet', '--bare', '--template=', checkout(files), folder));

function copy(kind: string, files: unknown, make: (folder: string) => void): string {
  const name = `${kind} ${JSON.stringify(files)}`;
  const original = made.get(name) ?? fresh(`${kind}-original`);
  if (!made.has(name)) make(original);
  made.set(name, original);
  const folder = fresh(kind);
  cpSync(original, folder, { recursive: true });
  return folder;
}

export function hook(repository: string, name: string, script: string): void {
  mkdirSync(path.join(repository, 'hooks'), { recursive: true });
  writeFileSync(path.join(repository, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

export const tip = (repository: string, ref = 'refs/heads/main'): string => git(repository, 'rev-parse', ref);

type Worker = ReturnType<typeof worker>;

export const commit = (on: Worker, repository: string, onto: string, changes: FileChange[], message = 'Change it') =>
  on.trees.commit({ repository, onto, parents: [onto], changes, message, at: AT });

/** A candidate on the present tip of `main`, and what merging it takes. */
export async function proposal(on: Worker, repository: string, changes: FileChange[], merge = key({ stage: 'merge' })) {
  const base = tip(repository);
  const candidate = await commit(on, repository, base, changes);
  const tree = await on.trees.treeOf(repository, candidate);
  const words = { message: 'Merge the login', trailers: [['Reviewed-By', 'reviewer']] as const };
  return { repository, branch: 'main', base, candidate, tree, ...words, key: merge, at: AT };
}

export const sound = (repository: string): string => git(repository, 'fsck', '--strict', '--no-dangling');

/** Does the work with a git that, before this verb, first does something else: somebody who comes between. */
export async function overtakenAt<T>(verb: string, other: string, work: () => Promise<T>): Promise<T> {
  const folder = fresh('path');
  const search = process.env.PATH;
  const real = execFileSync('sh', ['-c', 'command -v git']).toString().trim();
  const script = `#!/bin/sh\ncase " $* " in *" ${verb} "*) ${real} ${other};; esac\nexec ${real} "$@"\n`;
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'git'), script, { mode: 0o755 });
  process.env.PATH = `${folder}:${search}`;
  return work().finally(() => (process.env.PATH = search));
}
