// What a lockfile would have installed: each package with its version, where it comes from and what its archive must hash to; or why nothing of it is.
import type { Dependency } from './dependencies';

/** The public registry's address in a lockfile stands for the registry that the operator named, as npm itself has it. */
export const PUBLIC_NPM = 'https://registry.npmjs.org/';

/** Whose archive is fetched from this address below the registry, and what it must hash to. */
export type Archive = Dependency & { address: string; integrity: string };

export type NpmPlan = {
  archives: Archive[];
  /** Folders in which packages are put: of the repository, and of its workspaces. */
  roots: string[];
  /** Folders of the repository that are packages of it themselves. */
  workspaces: string[];
};

type Entry = {
  resolved?: unknown;
  integrity?: unknown;
  version?: unknown;
  name?: unknown;
  link?: unknown;
  inBundle?: unknown;
};

const SHOWN = 12;

type Entries = readonly { path: string; mode: string; sha: string }[];

/** As text; a larger one is not read. */
export const LOCKFILE_LIMIT_BYTES = 20_000_000;

const NPM_LOCKFILES = ['npm-shrinkwrap.json', 'package-lock.json']; // in the order in which npm looks for them

/** Where npm looks for what it is to install. */
export const npmLockfileIn = (entries: Entries): string | undefined =>
  NPM_LOCKFILES.find((name) => entries.some(({ path, mode }) => path === name && mode.startsWith('100')));

/** Where npm is told what to install, in the root and in workspaces. */
export const isNpmManifest = (path: string): boolean => /(^|\/)package\.json$/.test(path);

/** A change of what npm is asked for, and none of its lockfile. */
export function isUnlocked(before: Entries, after: Entries): boolean {
  const lockfile = npmLockfileIn(after);
  const had = new Map(before.map(({ path, sha }) => [path, sha]));
  const changed = after.filter(({ path, sha }) => had.get(path) !== sha).map(({ path }) => path);
  return lockfile !== undefined && !changed.includes(lockfile) && changed.some(isNpmManifest);
}

/** Of the text of a package-lock.json; each objection names the package. */
export function readNpmLock(text: string, registry: string): NpmPlan | { objections: string[] } {
  const content = objectIn(text);
  if (content === undefined) return { objections: ['it cannot be read: it is no JSON object'] };
  const { packages, lockfileVersion } = content;
  if (!isRecord(packages) || (lockfileVersion !== 2 && lockfileVersion !== 3))
    return { objections: ['it is not of version 2 or 3: make it anew, npm install --package-lock-only'] };
  const entries = Object.entries(packages) as [string, Entry][];
  const workspaces = entries.map(([place]) => place).filter((place) => place !== '' && !isInstalled(place));
  const objections = workspaces
    .filter((place) => !isPlainPath(place))
    .map((place) => `${shown(place)}: no folder of it`);
  const archives: Archive[] = [];
  for (const [place, entry] of entries) {
    if (!isInstalled(place)) continue;
    const found = isRecord(entry) ? archiveOf(place, entry, registry, workspaces) : 'it is no entry';
    if (typeof found === 'string') objections.push(`${shown(nameAt(place, entry))}: ${found}`);
    else if (found !== undefined) archives.push(found);
  }
  if (objections.length > 0) return { objections: some(objections) };
  const places = entries.map(([place]) => place).filter(isInstalled);
  return { archives, workspaces, roots: [...new Set(places.map(rootOf))] };
}

/** Nothing where another package brings it along, or it is the repository's own. */
function archiveOf(
  place: string,
  entry: Entry,
  registry: string,
  workspaces: readonly string[],
): Archive | string | undefined {
  const { resolved, integrity, version, link, inBundle } = entry;
  if (!isPlainPath(place)) return 'its place is no path';
  if (link === true)
    return workspaces.includes(String(resolved))
      ? undefined
      : `it is a link to ${shown(String(resolved))}, no workspace of it`;
  if (inBundle === true && resolved === undefined) return undefined;
  if (typeof resolved !== 'string') return 'it does not say where it comes from (resolved)';
  const address = belowRegistry(resolved, registry);
  if (address === undefined) return `it comes from ${shown(resolved)}, and packages come from ${registry} alone`;
  if (typeof integrity !== 'string' || !/(^|\s)sha(512|384|256)-[A-Za-z0-9+/]+=*(\s|$)/.test(integrity))
    return 'it does not say what it must hash to (integrity, sha256 or better)';
  const name = nameAt(place, entry);
  // Otherwise the name that a person reads would not be that of what comes.
  if (address !== `${name}/-/${name.split('/').at(-1)}-${String(version)}.tgz`)
    return `its address ${shown(resolved)} is not that of ${shown(`${name}@${String(version)}`)}`;
  return { name, version: String(version), address, integrity };
}

const isInstalled = (place: string): boolean => /(^|\/)node_modules\//.test(place);
const isPlainPath = (place: string): boolean =>
  /^[^\\\0]+$/.test(place) && place.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const rootOf = (place: string): string => place.slice(0, place.indexOf('node_modules/') + 'node_modules'.length);

/** Of a package under the name of another, its own. */
const nameAt = (place: string, { name }: Entry): string =>
  typeof name === 'string' ? name : place.split('node_modules/').at(-1)!;

/** Its path below the registry; undefined where it lies elsewhere. */
function belowRegistry(resolved: string, registry: string): string | undefined {
  const root = [registry, PUBLIC_NPM].find((url) => resolved.startsWith(url));
  if (root === undefined || !URL.canParse(resolved)) return undefined;
  const { href, search, hash } = new URL(resolved);
  // What a URL's parser makes shorter would be asked for elsewhere than it says.
  return href === resolved && search === '' && hash === '' ? resolved.slice(root.length) : undefined;
}

/** What is installed, by name and version, each once. */
export function packagesIn({ archives }: Pick<NpmPlan, 'archives'>): Dependency[] {
  const all = new Map(archives.map(({ name, version }) => [`${name}@${version}`, { name, version }]));
  return [...all.values()];
}

// ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type Pinned = Dependency & { hashes: string[] };

const pinned =
  /^([A-Za-z0-9][\w.-]*)(\[[\w,. -]*\])?\s*==\s*([\w.!+-]+)\s*(?:;[^#]*?)?((?:\s+--hash=sha(?:256|384|512):[0-9a-f]{64,128})+)$/;

/** Of a requirements.txt: every line a version with its hashes, or it is not taken. */
export function readRequirements(text: string): { pinned: Pinned[] } | { objections: string[] } {
  const lines = text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);
  const found = lines.map((line) => pinned.exec(line));
  const objections = lines
    .filter((_, at) => found[at] === null)
    .map((line) => `${shown(line)}: it is not NAME==VERSION with its --hash`);
  if (objections.length > 0) return { objections: some(objections) };
  return {
    pinned: found.map((one) => ({
      name: one![1]!.toLowerCase().replace(/[-_.]+/g, '-'),
      version: one![3]!,
      hashes: [...one![4]!.matchAll(/--hash=(\S+)/g)].map((hash) => hash[1]!),
    })),
  };
}

const some = (objections: readonly string[]): string[] =>
  objections.length <= SHOWN
    ? [...objections]
    : [...objections.slice(0, SHOWN), `and ${objections.length - SHOWN} more`];
const shown = (text: string): string => JSON.stringify(text.slice(0, 160)).slice(1, -1);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return isRecord(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
