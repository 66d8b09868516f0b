// Bubblewrap, the sandbox's program: found on the machine or in the cache, or installed by its package name.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { permanent } from '../../domain/failures';
import { cached } from './cache';

const execute = promisify(execFile);
const NAME = 'bubblewrap';
const OLDEST = [0, 8] as const; // the first with --disable-userns
const INSTALL_LIMIT_MS = 300_000;

export type Bubblewrap = { path: string; version: string; libraries?: string };
export type Progress = (text: string) => void;

export const bubblewrapCure =
  'Install bubblewrap 0.8 or newer: apt-get install bubblewrap (Debian 12, Ubuntu 24.04 or newer), dnf install bubblewrap ' +
  '(Fedora), pacman -S bubblewrap (Arch), apk add bubblewrap (Alpine), zypper install bubblewrap (openSUSE).';

/** The one on the PATH or in the cache; undefined where there is none. Installs nothing. */
export async function findBubblewrap(cache: string): Promise<Bubblewrap | undefined> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const found = folder && (await tried(path.join(folder, 'bwrap')));
    if (found) return found;
  }
  return tried(path.join(cache, NAME, 'usr', 'bin', 'bwrap'), await libraries(path.join(cache, NAME)));
}

/** Finds bubblewrap, or installs it where this is allowed; throws `SandboxMissing` with the cure where neither works. */
export async function provideBubblewrap(cache: string, onProgress: Progress = () => undefined): Promise<Bubblewrap> {
  const found = await findBubblewrap(cache);
  if (found) return found;
  const install = process.getuid?.() === 0 ? installPackage : unpackPackage;
  try {
    await install(cache, onProgress);
  } catch (error) {
    throw permanent('SandboxMissing', `bubblewrap could not be installed (${reason(error)}). ${bubblewrapCure}`, error);
  }
  const installed = await findBubblewrap(cache);
  if (!installed) throw permanent('SandboxMissing', `bubblewrap does not run on this machine. ${bubblewrapCure}`);
  return installed;
}

async function tried(program: string, libraries?: string): Promise<Bubblewrap | undefined> {
  try {
    await access(program, constants.X_OK);
    const { stdout } = await execute(program, ['--version'], { env: { LD_LIBRARY_PATH: libraries } });
    const version = /(\d+)\.(\d+)[.\d]*/.exec(stdout);
    if (!version || !recent(Number(version[1]), Number(version[2]))) return undefined;
    return { path: program, version: version[0], libraries };
  } catch {
    return undefined; // not there, or built for another machine
  }
}

const recent = (major: number, minor: number) => major > OLDEST[0] || minor >= OLDEST[1];

async function installPackage(_cache: string, onProgress: Progress): Promise<void> {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => execute('apt-get', args, { timeout: INSTALL_LIMIT_MS, env: environment });
  onProgress('installing bubblewrap with apt-get');
  await apt('install', '-y', '--no-install-recommends', NAME).catch(async () => {
    onProgress('updating the list of packages first');
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', NAME);
  });
}

async function unpackPackage(cache: string, onProgress: Progress): Promise<void> {
  await cached(cache, NAME, async (folder) => {
    onProgress(`downloading bubblewrap into ${cache}`);
    await fetchPackage(NAME, folder);
    const { stdout } = await execute('ldd', [path.join(folder, 'usr', 'bin', 'bwrap')], { env: process.env });
    if (/libcap\.so\S* => not found/.test(stdout)) await fetchPackage('libcap2', folder);
  });
}

async function fetchPackage(name: string, folder: string): Promise<void> {
  await execute('apt-get', ['download', name], { cwd: folder, timeout: INSTALL_LIMIT_MS, env: process.env });
  const file = (await readdir(folder)).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
  if (!file) throw new Error(`apt-get download ${name} left no package`);
  await execute('dpkg-deb', ['-x', path.join(folder, file), folder], { env: process.env });
  await rm(path.join(folder, file));
}

/** The folders of the unpacked packages that hold libraries, as LD_LIBRARY_PATH wants them. */
async function libraries(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const place of ['lib', 'usr/lib'].map((name) => path.join(folder, name)))
    for (const name of await readdir(place).catch(() => []))
      if (name.endsWith('-linux-gnu')) found.push(path.join(place, name));
  return found.length > 0 ? found.join(path.delimiter) : undefined;
}

const reason = (error: unknown) => {
  const said = (error as { stderr?: string }).stderr || (error instanceof Error ? error.message : String(error));
  return said.trim().split('\n').at(-1)!.slice(0, 200);
};
