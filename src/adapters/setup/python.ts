// pip's part of a setup: the wheels that a requirements.txt names by version and hash, and nothing that would have to be built.
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Pinned } from '../../domain/lockfiles';
import { cached } from '../provision/cache';
import { findPip, findPython } from '../provision/pytest';
import { atGateway, type Inspect } from '../registries/gateway';
import type { Registries } from '../registries/registries';
import type { Installation } from './installing';

const execute = promisify(execFile);
const PIP = '/millwright/pip';
/** Where the packages are, in what is kept and in the sandbox. */
export const PYTHON_FOLDER = 'python';
export const PYTHON_PLACE = '/millwright/python-dependencies';
export const REQUIREMENTS = 'requirements.txt';

export type Pip = { python: string; version: string; folder: string };

/** The sandbox's Python, and a pip for it. */
export async function providePip(cache: string): Promise<Pip> {
  const { python, version } = await findPython();
  const pip = await findPip(python);
  const words = 'import os, pip; print(pip.__version__); print(os.path.dirname(pip.__file__))';
  const { stdout } = await execute(pip, ['-c', words], { cwd: '/' });
  const [own = '', found = ''] = stdout.trim().split('\n');
  if (pip === python && found.startsWith('/usr/')) return { python, version, folder: path.dirname(found) };
  const copy = await cached(cache, `pip-${own}`, (draft) => cp(found, path.join(draft, 'pip'), { recursive: true }));
  return { python, version, folder: copy };
}

export function pythonInstallation(
  text: string,
  pinned: readonly Pinned[],
  registries: Registries,
  { python, folder }: Pip,
): Omit<Installation, 'registries' | 'signal'> {
  const isSeen = folder.startsWith('/usr/');
  const options = [
    ...['--isolated', '--disable-pip-version-check', '--no-input', '--no-cache-dir', '--quiet', '--progress-bar=off'],
    ...[
      '--require-hashes',
      '--only-binary=:all:',
      '--no-deps',
      '--no-compile',
      '--retries=0',
      '--no-warn-script-location',
    ],
    ...[`--index-url=${atGateway(registries.python)}`, `--target=/box/${PYTHON_FOLDER}`, '-r', REQUIREMENTS],
  ];
  // Nothing can be written there from the tests' sandbox, and compiling all of it again would take its time every run.
  const compile = ['-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash', '-s', `/box/${PYTHON_FOLDER}`];
  return {
    inspect: hashesOf(pinned),
    files: new Map([[REQUIREMENTS, text]]),
    addressed: [],
    commands: [
      { command: [python, '-m', 'pip', 'install', ...options] },
      { command: [python, ...compile, '-p', PYTHON_PLACE, PYTHON_FOLDER], mayFail: true },
    ],
    environment: isSeen ? {} : { PYTHONPATH: PIP },
    readOnly: isSeen ? [] : [{ from: folder, to: PIP }],
    folders: [PYTHON_FOLDER],
    skipped: [],
  };
}

/** pip looks at the hashes too; what is found here has a name. */
function hashesOf(pinned: readonly Pinned[]): Inspect {
  const hashes = new Set(pinned.flatMap((one) => one.hashes));
  return (url, body) => {
    const file = new URL(url).pathname.split('/').at(-1)!;
    if (!/\.(whl|zip|tar\.gz)$/.test(file)) return undefined;
    const fits = ['sha256', 'sha384', 'sha512'].some((algorithm) =>
      hashes.has(`${algorithm}:${createHash(algorithm).update(body).digest('hex')}`),
    );
    return fits ? undefined : `${file} is not what ${REQUIREMENTS} says: it has another hash at the registry`;
  };
}
