// Installs what the lockfiles of a tree say, in the sandbox, once for each lockfile on this machine; tests find it where they look, read-only.
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Installed, Sandbox, Setup, TreeEntry, Trees } from '../../activities/ports';
import { isLockfile, isManifest } from '../../domain/dependencies';
import { LOCKFILE_LIMIT_BYTES, npmLockfileIn, readNpmLock, readRequirements } from '../../domain/lockfiles';
import { oneAtATime } from '../git/one-at-a-time';
import { exists } from '../provision/cache';
import type { Registries } from '../registries/registries';
import { install, refused, type Installation } from './installing';
import { npmInstallation, provideNpm } from './npm';
import { providePip, PYTHON_FOLDER, PYTHON_PLACE, pythonInstallation, REQUIREMENTS } from './python';
import { createStore, type Kept, type Store } from './store';

export type SetupSettings = {
  trees: Trees;
  sandbox: Sandbox;
  cache: string;
  registries: () => Promise<Registries>;
  /** How much is kept of what was installed. */
  capBytes: number;
};

type Tree = { repository: string; treeish: string; entries: readonly TreeEntry[]; signal?: AbortSignal };
type Part = Installed | { objections: readonly string[] };

export const setupFolder = (cache: string): string => path.join(cache, 'dependencies');

/** Where the operator wants nothing installed, whatever a tree says. */
export const noSetup: Setup = { setUp: () => Promise.resolve({ mounts: [], environment: {}, words: '' }) };

export function createSetup(settings: SetupSettings): Setup {
  const store = createStore(setupFolder(settings.cache), settings.capBytes);
  return {
    async setUp(tree) {
      const parts: Part[] = [];
      for (const part of [npmPart, pythonPart]) parts.push(await part(settings, store, tree));
      const objections = parts.flatMap((part) => ('objections' in part ? part.objections : []));
      if (objections.length > 0) return { objections };
      const all = parts as Installed[];
      return {
        mounts: all.flatMap(({ mounts }) => mounts),
        environment: Object.assign({}, ...all.map(({ environment }) => environment)) as Installed['environment'],
        words: all
          .map(({ words }) => words)
          .filter(Boolean)
          .join('; '),
      };
    },
  };
}

const nothing = (words = ''): Installed => ({ mounts: [], environment: {}, words });

async function npmPart(settings: SetupSettings, store: Store, tree: Tree): Promise<Part> {
  const { trees, cache } = settings;
  const { repository, treeish, entries } = tree;
  const lockfile = npmLockfileIn(entries);
  if (lockfile === undefined) return nothing(await unlockedWords(trees, tree));
  if (entries.some(({ path: file }) => file.startsWith('node_modules/')))
    return nothing('node_modules as the repository has it');
  const text = (await trees.read(repository, treeish, [lockfile], LOCKFILE_LIMIT_BYTES)).get(lockfile);
  if (text === undefined) return refused(lockfile, ['it cannot be read as a text']);
  const registries = await settings.registries();
  const plan = readNpmLock(text, registries.npm);
  if ('objections' in plan) return refused(lockfile, plan.objections);
  if (plan.roots.length === 0) return nothing();
  const wanted = ['package.json', ...plan.workspaces.map((folder) => `${folder}/package.json`)];
  const manifests = await trees.read(repository, treeish, wanted);
  const missing = wanted.filter((file) => !manifests.has(file));
  if (missing.length > 0) return refused(lockfile, [`there is no ${missing.join(', ')} beside it`]);
  const npm = await provideNpm(cache);
  const made = npmInstallation({ lockfile, text, manifests }, plan, registries, npm);
  const by = [lockfile, text, ...[...manifests].flat(), process.platform, process.arch, process.version];
  const kept = await keep(settings, store, tree, `npm-${digestOf(by)}`, { ...made, registries }, (folder) =>
    present(folder, plan.roots, plan.archives.length),
  );
  if ('objections' in kept) return refused(lockfile, kept.objections);
  return {
    mounts: kept.roots.map((root) => ({ from: path.join(kept.folder, root), to: `/box/${root}` })),
    environment: {},
    words: packagesAs(kept, lockfile),
  };
}

async function pythonPart(settings: SetupSettings, store: Store, tree: Tree): Promise<Part> {
  const { trees, cache } = settings;
  const { repository, treeish, entries } = tree;
  if (!isThere(entries, REQUIREMENTS)) return nothing();
  const text = (await trees.read(repository, treeish, [REQUIREMENTS])).get(REQUIREMENTS) ?? '';
  const plan = readRequirements(text);
  if ('objections' in plan) return nothing(`nothing of ${REQUIREMENTS} is installed: ${plan.objections[0]}`);
  if (plan.pinned.length === 0) return nothing();
  const [registries, pip] = [await settings.registries(), await providePip(cache)];
  const made = pythonInstallation(text, plan.pinned, registries, pip);
  const by = [text, process.platform, process.arch, pip.version];
  const kept = await keep(settings, store, tree, `python-${digestOf(by)}`, { ...made, registries }, (folder) =>
    present(folder, [PYTHON_FOLDER], plan.pinned.length),
  );
  if ('objections' in kept) return refused(REQUIREMENTS, kept.objections);
  return {
    mounts: kept.roots.map((root) => ({ from: path.join(kept.folder, root), to: PYTHON_PLACE })),
    environment: { MILLWRIGHT_PYTHON_DEPENDENCIES: PYTHON_PLACE },
    words: packagesAs(kept, REQUIREMENTS),
  };
}

const packagesAs = ({ packages }: Kept, file: string): string =>
  `${packages} ${packages === 1 ? 'package' : 'packages'} as ${file} says`;

/** Found where it was kept, or installed now: one after another, for each may need some GiB of memory. */
async function keep(
  { sandbox }: SetupSettings,
  store: Store,
  { signal }: Tree,
  name: string,
  installation: Installation,
  about: (folder: string) => Promise<Omit<Kept, 'bytes'>>,
): Promise<(Kept & { folder: string }) | { objections: readonly string[] }> {
  const found = await store.find(name);
  if (found !== undefined) return found;
  return oneAtATime('setup', async () => {
    const meanwhile = await store.find(name);
    if (meanwhile !== undefined) return meanwhile;
    let objections: readonly string[] = [];
    try {
      return await store.fill(name, async (folder) => {
        const done = await install(sandbox, { ...installation, signal }, folder);
        if ('objections' in done) throw new Objected((objections = done.objections));
        return { ...(await about(folder)), bytes: done.bytes };
      });
    } catch (error) {
      if (error instanceof Objected) return { objections };
      throw error;
    }
  });
}

/** Nothing of it is kept. */
class Objected extends Error {
  constructor(objections: readonly string[]) {
    super(objections.join('; '));
  }
}

/** A package for another system is left out, so a folder may be empty, and then it is not there. */
async function present(folder: string, roots: readonly string[], packages: number): Promise<Omit<Kept, 'bytes'>> {
  const there = await Promise.all(roots.map((root) => exists(path.join(folder, root))));
  return { packages, roots: roots.filter((_, at) => there[at]) };
}

/** What a repository depends on by other files is not installed: its tests may well do without. */
async function unlockedWords(trees: Trees, { repository, treeish, entries }: Tree): Promise<string> {
  const other = entries
    .map(({ path: file }) => file)
    .find((file) => !file.includes('/') && isLockfile(file) && isManifestOfNode(file));
  if (other !== undefined) return `nothing of ${other} is installed: npm's package-lock.json is what is understood`;
  if (!isThere(entries, 'package.json')) return '';
  const text = (await trees.read(repository, treeish, ['package.json'])).get('package.json') ?? '';
  return /"(dev|optional)?[dD]ependencies"\s*:\s*\{\s*"/.test(text)
    ? 'nothing of package.json is installed: there is no package-lock.json'
    : '';
}

const isManifestOfNode = (file: string): boolean => /^(yarn\.lock|pnpm-lock\.yaml)$/.test(file) && !isManifest(file);
const isThere = (entries: readonly TreeEntry[], file: string): boolean =>
  entries.some(({ path: found, mode }) => found === file && mode.startsWith('100'));
const digestOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
