// The target repository as git itself tells it: the branch commit by commit, the ledgers, every object, what refs and locks are left.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

export type Commit = {
  sha: string;
  parents: string[];
  tree: string;
  message: string;
  trailers: Record<string, string[]>;
};

/** One effect's commit in a ledger. */
export type Entry = Commit & { ledger: string };

export type Repository = {
  folder: string;
  /** Of a branch, along first parents, the newest first. */
  commits(branch: string): Commit[];
  /** Of every ledger, the oldest first. */
  entries: Entry[];
  refs: { name: string; sha: string }[];
  locks: string[];
  /** A file at a commit, if it is there. */
  file(commit: string, path: string): string | undefined;
  paths(commit: string): string[];
  /** The tree that a merge of these two makes. */
  merged(ours: string, theirs: string): string;
  /** What of these texts is in any object, whether anything reaches it or not. */
  holding(texts: readonly string[]): string[];
  broken(): string;
};

export function readRepository(folder: string): Repository {
  const git = (...args: string[]): string => run(folder, args).toString();
  const refs = git('for-each-ref', '--format=%(objectname) %(refname)')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ sha: line.slice(0, 40), name: line.slice(41) }));
  const all = run(folder, ['cat-file', '--batch-all-objects', '--batch']);
  const objects = objectsIn(all);
  const ledgers = refs.filter(({ name }) => name.startsWith('refs/millwright/'));
  return {
    folder,
    refs,
    commits: (branch) => log(git, `refs/heads/${branch}`),
    entries: ledgers.flatMap(({ name }) =>
      log(git, name)
        .reverse()
        .map((commit) => ({ ...commit, ledger: name })),
    ),
    locks: readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.lock')),
    file(commit, path) {
      const blob = filesOf(objects, commit).get(path);
      return blob === undefined ? undefined : objects.get(blob)?.toString();
    },
    paths: (commit) => [...filesOf(objects, commit).keys()],
    merged: (ours, theirs) => answerOf(() => git('merge-tree', '--write-tree', ours, theirs).split('\n')[0]!),
    holding: (texts) => texts.filter((text) => all.includes(text)),
    broken: () => brokenIn(folder),
  };
}

/** What git's own check complains of there. */
export const brokenIn = (folder: string): string =>
  answerOf(() => run(folder, ['fsck', '--strict', '--no-dangling', '--no-progress']).toString().trim());

/** What git says, or complains of. */
function answerOf(question: () => string): string {
  try {
    return question();
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error).trim();
  }
}

/** Every object by its name, out of what `git cat-file --batch` prints. */
function objectsIn(all: Buffer): Map<string, Buffer> {
  const objects = new Map<string, Buffer>();
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(10, at);
    const [sha, , size] = all.subarray(at, end).toString().split(' ') as [string, string, string];
    objects.set(sha, all.subarray(end + 1, end + 1 + Number(size)));
    at = end + 2 + Number(size);
  }
  return objects;
}

/** The blobs of a commit by their paths. */
function filesOf(objects: ReadonlyMap<string, Buffer>, commit: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (tree: string, folder: string) => {
    const content = objects.get(tree) ?? Buffer.alloc(0);
    for (let at = 0; at < content.length;) {
      const end = content.indexOf(0, at);
      const [mode, ...name] = content.subarray(at, end).toString().split(' ');
      const sha = content.subarray(end + 1, end + 21).toString('hex');
      const path = `${folder}${name.join(' ')}`;
      if (mode === '40000') walk(sha, `${path}/`);
      else files.set(path, sha);
      at = end + 21;
    }
  };
  const tree = /^tree (\w{40})$/m.exec(objects.get(commit)?.toString() ?? '')?.[1];
  if (tree !== undefined) walk(tree, '');
  return files;
}

function log(git: (...args: string[]) => string, ref: string): Commit[] {
  const format = '--format=%H%x00%P%x00%T%x00%B%x00%(trailers:only,unfold)%x1e';
  return git('log', '--first-parent', format, ref)
    .split('\x1e')
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => {
      const [sha, parents, tree, message, trailers] = text.split('\0') as [string, string, string, string, string];
      return { sha, parents: parents.split(' ').filter(Boolean), tree, message, trailers: byName(trailers) };
    });
}

function byName(trailers: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const line of trailers.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) (found[line.slice(0, at)] ??= []).push(line.slice(at + 2));
  }
  return found;
}

function run(folder: string, args: readonly string[]): Buffer {
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const safe = ['-c', `safe.directory=${folder}`, '-c', 'core.hooksPath=/dev/null'];
  return execFileSync('git', [...safe, ...args], {
    cwd: folder,
    env,
    maxBuffer: 2 ** 29,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
