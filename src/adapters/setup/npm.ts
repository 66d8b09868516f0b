// npm's part of a setup: what a package-lock.json says, and nothing else, without any script of it.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cp, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { permanent } from '../../domain/failures';
import { PUBLIC_NPM, type Archive, type NpmPlan } from '../../domain/lockfiles';
import { cached, exists } from '../provision/cache';
import { atGateway, type Inspect } from '../registries/gateway';
import type { Registries } from '../registries/registries';
import type { Installation } from './installing';

const execute = promisify(execFile);
const NPM = '/millwright/npm';

export type Npm = { folder: string; version: string };

/** The npm of this machine, where the sandbox's user can read it. */
export async function provideNpm(cache: string): Promise<Npm> {
  const folder = await findNpm();
  const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  // Under /usr the sandbox sees it, with what a distribution may have put beside it.
  if (folder.startsWith('/usr/')) return { folder, version };
  const copy = await cached(cache, `npm-${version}`, (draft) =>
    cp(folder, path.join(draft, 'npm'), { recursive: true }),
  );
  return { folder: path.join(copy, 'npm'), version };
}

async function findNpm(): Promise<string> {
  const beside = path.join(path.dirname(process.execPath), '../lib/node_modules/npm');
  const { stdout } = await execute('sh', ['-c', 'command -v npm']).catch(() => ({ stdout: '' }));
  const onPath = stdout.trim() === '' ? undefined : path.dirname(path.dirname(await realpath(stdout.trim())));
  for (const folder of [onPath, beside])
    if (folder !== undefined && (await exists(path.join(folder, 'bin/npm-cli.js')))) return realpath(folder);
  throw permanent('SandboxMissing', 'npm is not installed on this machine, and the tests need packages: install it');
}

/** What npm is to do with these files of a tree, or why it is not started. */
export function npmInstallation(
  { lockfile, text, manifests }: { lockfile: string; text: string; manifests: ReadonlyMap<string, string> },
  plan: NpmPlan,
  registries: Registries,
  npm: Npm,
): Omit<Installation, 'registries' | 'signal'> {
  const files = new Map([...manifests, [lockfile, lockAtGateway(text, registries.npm)]]);
  return {
    inspect: hashesOf(plan.archives, registries.npm),
    files,
    addressed: [lockfile],
    ...running(npm, registries, 'ci'),
    folders: [],
    named: 'node_modules',
    // It says where everything came from, which is the gateway's address of this one run.
    skipped: ['.package-lock.json', '.cache'],
  };
}

/** How npm is to make a lockfile fit the manifests beside it. Of the packages it needs no more than what the registry says of them. */
export function npmLocking(
  files: ReadonlyMap<string, string>,
  lockfile: string,
  registries: Registries,
  npm: Npm,
): Omit<Installation, 'registries' | 'signal'> {
  return {
    inspect: () => undefined,
    files,
    addressed: [],
    ...running(npm, registries, 'install', '--package-lock-only'),
    folders: [],
    outputs: [lockfile],
    skipped: [],
  };
}

/** Nothing of a package runs, and settings of this machine's are not for the sandbox to see. */
function running({ folder }: Npm, registries: Registries, ...verb: readonly string[]) {
  const inside = folder.startsWith('/usr/') ? folder : NPM;
  const options = [
    ...['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--loglevel=error'],
    ...[`--registry=${atGateway(registries.npm)}`, '--replace-registry-host=never', '--fetch-retries=0'],
    ...['--cache=/tmp/npm', '--userconfig=/tmp/no-npmrc', '--globalconfig=/tmp/no-global-npmrc'],
  ];
  return {
    commands: [{ command: ['node', `${inside}/bin/npm-cli.js`, ...verb, ...options] }],
    readOnly: folder === inside ? [] : [{ from: folder, to: NPM }],
  };
}

/** The same lockfile, with the gateway in the registry's place. */
function lockAtGateway(text: string, registry: string): string {
  const lock = JSON.parse(text) as {
    packages: Record<string, { resolved?: string; link?: boolean }>;
    dependencies?: unknown;
  };
  delete lock.dependencies; // what older versions of npm read
  for (const entry of Object.values(lock.packages)) {
    if (typeof entry.resolved !== 'string' || entry.link === true) continue;
    const below = [registry, PUBLIC_NPM].find((root) => entry.resolved!.startsWith(root))!;
    entry.resolved = atGateway(registry + entry.resolved.slice(below.length));
  }
  return JSON.stringify(lock);
}

/** npm looks at the hashes too; what is found here has a name. */
function hashesOf(archives: readonly Archive[], registry: string): Inspect {
  const known = new Map(archives.map((archive) => [registry + archive.address, archive]));
  return (url, body) => {
    const archive = known.get(url);
    if (archive === undefined) return undefined;
    const { name, version, integrity } = archive;
    return fits(integrity, body)
      ? undefined
      : `${name}@${version} is not what the lockfile says: its archive at the registry has another hash`;
  };
}

function fits(integrity: string, body: Buffer): boolean {
  const stated = integrity.split(/\s+/).map((one) => /^(sha512|sha384|sha256)-(.*)$/.exec(one));
  for (const algorithm of ['sha512', 'sha384', 'sha256']) {
    const hashes = stated.filter((one) => one?.[1] === algorithm).map((one) => one![2]!.replace(/\?.*$/, ''));
    // The strongest that it names counts.
    if (hashes.length > 0) return hashes.includes(createHash(algorithm).update(body).digest('base64'));
  }
  return false;
}
