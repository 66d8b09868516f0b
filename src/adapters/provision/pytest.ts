// pytest and coverage for the Python that the sandbox can see, in versions of our choice.
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { permanent } from '../../domain/failures';
import { cached, exists } from './cache';
import type { Progress } from './bubblewrap';

const execute = promisify(execFile);
const PACKAGES = ['pytest==8.4.2', 'coverage==7.10.7'];
const INSTALL_LIMIT_MS = 300_000;
// The sandbox shows /usr and nothing else: a Python of one's own, under a home folder, is not there.
const candidates = ['/usr/local/bin/python3', '/usr/bin/python3'];

export type PythonPackages = { python: string; folder: string };

export async function providePytest(cache: string, onProgress: Progress = () => undefined): Promise<PythonPackages> {
  const { python, version } = await findPython();
  const folder = await cached(cache, `python-${version}-${PACKAGES.join('-').replaceAll('==', '-')}`, async (draft) => {
    onProgress(`installing ${PACKAGES.join(' and ')} into ${cache}`);
    const options = [
      '--quiet',
      '--disable-pip-version-check',
      '--no-compile',
      '--only-binary=:all:',
      '--target',
      draft,
    ];
    const pip = await findPip(python);
    await execute(pip, ['-m', 'pip', 'install', ...options, '--python-version', version, ...PACKAGES], {
      timeout: INSTALL_LIMIT_MS,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    }).catch((error: { stderr?: string }) => {
      throw new Error(`pip could not install ${PACKAGES.join(' and ')}: ${lastLine(error)}`, { cause: error });
    });
    // Nothing can be written there from the sandbox, and compiling all of it again takes a second every run.
    await execute(python, ['-m', 'compileall', '-q', '-x', 'pygments', '-s', draft, draft], {
      timeout: INSTALL_LIMIT_MS,
    });
  });
  return { python, folder };
}

export async function findPython(): Promise<{ python: string; version: string }> {
  for (const python of candidates) {
    if (!(await exists(python)) || !(await realpath(python)).startsWith('/usr/')) continue;
    const { stdout } = await execute(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    return { python, version: stdout.trim() };
  }
  throw permanent(
    'SandboxMissing',
    'no Python under /usr that the sandbox can run: apt-get install python3 (or dnf, apk, pacman)',
  );
}

/** A Python that has pip: that of the sandbox, else the one on the PATH, which can install for the other. */
export async function findPip(python: string): Promise<string> {
  for (const candidate of [python, 'python3']) {
    const found = await execute(candidate, ['-m', 'pip', '--version'], { cwd: path.parse(process.cwd()).root }).catch(
      () => undefined,
    );
    if (found) return candidate;
  }
  throw permanent(
    'SandboxMissing',
    'pip is not installed, and pytest comes by it: apt-get install python3-pip (or dnf, apk, pacman)',
  );
}

const lastLine = ({ stderr = '' }) => stderr.trim().split('\n').at(-1)!.slice(0, 300);
