// A worker's own bare mirror of a repository: where commits are read and made. It can be lost at any time but for work not yet pushed.
import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TreeEntry } from '../../activities/ports';
import { permanent, transient } from '../../domain/failures';
import { makeFolder, onDisk } from '../full-disk';
import type { Finished, Git, RunOptions } from './git';
import type { Link } from './history';
import { oneAtATime } from './one-at-a-time';
import { Reader } from './reader';
import { parseRepository, type Repository } from './repository';
import { redacted } from './words';

export type Mirror = {
  folder: string;
  repository: Repository;
  /** Full names of objects that were found here: nothing that came into a mirror leaves it. */
  known: Map<string, string>;
  /** What trees hold that were listed lately. */
  listed: Map<string, readonly TreeEntry[]>;
  /** Commits of ledgers and turns that were read here. */
  links: Map<string, Link>;
  read: Reader;
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  ask(args: readonly string[]): Promise<string>;
};

export type Mirrors = (repository: string) => Promise<Mirror>;

const KNOWN_LIMIT = 100_000;

const fetched = ['heads', 'millwright', 'millwright-turns', 'millwright-acceptance'].map(
  (kind) => `+refs/${kind}/*:refs/${kind}/*`,
);

export function createMirrors(home: string, git: Git): Mirrors {
  const found = new Map<string, Pick<Mirror, 'known' | 'listed' | 'links' | 'read'> & { made: string }>();
  const forget = (folder: string) => {
    found.get(folder)?.read.close();
    found.delete(folder);
  };
  return async (text) => {
    const repository = parseRepository(text);
    const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
    const folder = path.join(home, `${name}.git`);
    // What is known of a folder goes with it, also where another process has made it anew.
    let made = await identityOf(folder);
    if (made === undefined) {
      forget(folder);
      await oneAtATime(`the making of ${folder}`, () => onDisk(folder, () => makeMirror(git, folder)));
      made = (await identityOf(folder)) ?? '';
    }
    if (found.get(folder)?.made !== made) {
      forget(folder);
      const read = new Reader(folder, (args) => git.start(folder, args));
      found.set(folder, { made, known: new Map(), listed: new Map(), links: new Map(), read });
    }
    return {
      folder,
      repository,
      ...found.get(folder)!,
      run: (args, options) => git.run(folder, args, options),
      ask: (args) => git.ask(folder, args),
    };
  };
}

// Without one of these, or with nothing in the first, git takes a folder for no repository.
const parts = ['HEAD', 'objects', 'refs'];
const missing = ['ENOENT', 'ENOTDIR'];

/** The number of a folder that is gone may be given to the next one. */
async function identityOf(folder: string): Promise<string | undefined> {
  const look = (part: string) => stat(path.join(folder, part), { bigint: true });
  try {
    const [{ ino, birthtimeNs }, head] = await Promise.all([look(''), ...parts.map(look)]);
    return head!.size === 0n ? undefined : `${ino} ${birthtimeNs}`;
  } catch (error) {
    if (missing.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Also where one lies that was removed in part: what is left of it makes way. */
async function makeMirror(git: Git, folder: string): Promise<void> {
  await makeBare(git, folder, 'none');
  if ((await identityOf(folder)) !== undefined) return;
  const aside = await mkdtemp(`${folder}.`);
  const left = path.join(aside, 'left');
  try {
    await rename(folder, left).catch(unless('ENOENT'));
    // Another process may have been quicker, and works in it.
    if ((await identityOf(left)) !== undefined) await rename(left, folder).catch(unless('ENOTEMPTY', 'EEXIST'));
    await makeBare(git, folder, 'none');
  } finally {
    // Something may still be writing there.
    await rm(aside, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

function unless(...codes: string[]) {
  return (error: NodeJS.ErrnoException): void => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}

/** What was here a moment ago is not: somebody has cleared this mirror, and the next attempt fills it again. */
export function gone({ known, links, listed, repository }: Mirror, what: string): Error {
  for (const memory of [known, links, listed]) memory.clear();
  return transient(
    'RepositoryUnavailable',
    `${what} is gone from this worker's mirror of ${redacted(repository.text)}`,
  );
}

/** A bare repository without hooks, there as a whole or not at all; whoever comes second takes the first one's. */
export async function makeBare(git: Git, folder: string, branch: string): Promise<void> {
  await makeFolder(path.dirname(folder));
  const draft = await mkdtemp(`${folder}.`);
  try {
    const made = path.join(draft, 'made');
    await git.run(draft, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, made]);
    await rename(made, folder).catch(unless('ENOTEMPTY', 'EEXIST'));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Where these refs stand in the repository itself, now; a ref that is not there is left out. */
export async function positions(mirror: Mirror, refs: readonly string[]): Promise<Map<string, string>> {
  const found = await advertised(mirror, refs);
  return new Map([...found].filter(([ref]) => refs.includes(ref)));
}

/** What the repository lists for these patterns, which match the ends of names; a symbolic ref's target has a line of its own. */
export async function advertised(mirror: Mirror, patterns: readonly string[]): Promise<Map<string, string>> {
  const { text } = mirror.repository;
  const { stdout } = await mirror.run(['ls-remote', '--symref', '--end-of-options', text, ...patterns], {
    speaksTo: text,
  });
  return new Map(stdout.toString().split('\n').filter(Boolean).map(listed));
}

function listed(line: string): [string, string] {
  const [value, ref] = line.split('\t') as [string, string];
  return value.startsWith('ref: refs/heads/')
    ? [`${ref}-points-to`, value.slice('ref: refs/heads/'.length)]
    : [ref, value];
}

/** The full names of these objects (`<sha>` or `<sha>^{tree}`), fetched where they are not here yet. */
export async function resolve(mirror: Mirror, names: readonly string[]): Promise<string[]> {
  const found = await resolveIfThere(mirror, names);
  const missing = found.indexOf(undefined);
  if (missing === -1) return found as string[];
  const where = redacted(mirror.repository.text);
  throw permanent('InvalidInput', `${names[missing]} is not in ${where}, nor among this worker's unpushed commits`);
}

/** The same of what was listed just now: what is gone since is no error of anybody's, and the next look shows what is there. */
export async function resolveSeen(mirror: Mirror, names: readonly string[]): Promise<string[]> {
  const found = await resolveIfThere(mirror, names);
  if (!found.includes(undefined)) return found as string[];
  throw transient('RepositoryUnavailable', `${redacted(mirror.repository.text)} was changed while it was looked at`);
}

export async function resolveIfThere(mirror: Mirror, names: readonly string[]): Promise<(string | undefined)[]> {
  const found = await lookUp(mirror, names);
  if (!found.includes(undefined)) return found;
  return oneAtATime(mirror.folder, async () => {
    const meanwhile = await lookUp(mirror, names);
    if (!meanwhile.includes(undefined)) return meanwhile;
    const failure: unknown = await fetchAll(mirror).catch((error: unknown) => error);
    const found = await lookUp(mirror, names);
    // Refs come last: where a lock of another process, or of a killed one, was in their way, the objects are here.
    if (failure !== undefined && found.includes(undefined)) throw failure;
    return found;
  });
}

async function lookUp(mirror: Mirror, names: readonly string[]): Promise<(string | undefined)[]> {
  for (const name of names)
    if (!/^[0-9a-f]{40}(\^\{(tree|commit)\})?$/.test(name))
      throw permanent('InvalidInput', `"${name.slice(0, 80)}" is not a full commit or tree`);
  const asked = names.filter((name) => !mirror.known.has(name));
  if (asked.length > 0) {
    const objects = await mirror.read.info(asked);
    if (mirror.known.size > KNOWN_LIMIT) mirror.known.clear();
    asked.forEach((name, at) => objects[at] && mirror.known.set(name, objects[at].sha));
  }
  return names.map((name) => mirror.known.get(name));
}

async function fetchAll(mirror: Mirror): Promise<void> {
  const { text } = mirror.repository;
  const quiet = ['--quiet', '--no-tags', '--prune', '--no-write-fetch-head', '--no-recurse-submodules'];
  await mirror.run(['fetch', ...quiet, '--end-of-options', text, ...fetched], { speaksTo: text });
}
