// The user's acceptance checks: a folder, taken to the target repository as a tree under a ref that no agent's tool reads.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { acceptanceRef } from '../../src/domain/names';
import { isNamedAsTest } from '../../src/domain/paths';
import { Ended, exitCodes } from './exit-codes';
import { gitHere, patiently } from './repository-reading';

/** The files of the folder that Millwright would run as tests; refuses one without any. */
export function demandTests(option: string, folder: string): string {
  const path = resolve(folder, option);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Ended(exitCodes.usage, `--acceptance: ${path} is no folder.`);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !/(^|\/)\.git(\/|$)/.test(file) && statSync(join(path, file), { throwIfNoEntry: false })?.isFile(),
  );
  if (files.length === 0) throw new Ended(exitCodes.usage, `--acceptance: ${path} is empty.`);
  if (!files.some(isNamedAsTest))
    throw new Ended(
      exitCodes.usage,
      `--acceptance: ${path} holds no test: a file named like login.test.js or test_login.py.`,
    );
  return path;
}

/** The tree's name. A repository that is not there yet is made first, as the project would. */
export async function pushAcceptance(path: string, repository: string, base?: string): Promise<string> {
  const draft = mkdtempSync(join(tmpdir(), 'millwright-acceptance-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.autocrlf=false', ...args], {
      cwd: path,
      env: { ...process.env, GIT_DIR: draft, GIT_WORK_TREE: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
      .toString()
      .trim();
  try {
    await patiently(gitHere().trees.open(repository, base));
    execFileSync('git', ['init', '--quiet', '--bare', '--template=', draft], { stdio: 'pipe' });
    git('add', '--all', '--force', '.');
    const tree = git('write-tree');
    git('push', '--quiet', '--no-verify', '--end-of-options', repository, `${tree}:${acceptanceRef(tree)}`);
    return tree;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    const why = (stderr?.toString() || message).trim().split('\n').at(-1)!;
    throw new Ended(exitCodes.usage, `--acceptance: the tests could not be taken to ${repository}: ${why}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
