// The hook and its settings, put into a bare repository and taken out of it; nothing of anybody else is touched.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, exitCodes } from '../cli/exit-codes';
import { GATE } from '../cli/gate-key';

const HOOK = join(__dirname, 'update-hook.sh');
/** By which the hook is known as ours, in whatever version. */
const MARK = "Millwright's protection of a base branch";

export function protect(repository: string, { branches, key }: { branches?: readonly string[]; key: string }): string {
  const git = bareRepository(repository);
  const refs = (branches ?? [ownBranch(git)]).map((branch) => `refs/heads/${branch}`);
  for (const ref of refs) if (!answers(git, ['rev-parse', '--verify', '-q', ref])) throw missing(repository, ref);
  const hooks = setting(git, 'core.hooksPath');
  if (hooks !== undefined)
    throw new Ended(
      exitCodes.usage,
      `${repository} takes its hooks from ${hooks} (core.hooksPath), where this one would not be run. Unset that first.`,
    );
  const hook = join(repository, 'hooks', 'update');
  if (existsSync(hook) && !readFileSync(hook, 'utf8').includes(MARK))
    throw new Ended(exitCodes.usage, `${hook} is there already, and is not Millwright's. Nothing was changed.`);

  const settings = join(repository, GATE);
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'branches'), `${refs.join('\n')}\n`);
  writeFileSync(join(settings, 'allowed_signers'), `${GATE} namespaces="git" ${key}\n`);
  mkdirSync(join(repository, 'hooks'), { recursive: true });
  copyFileSync(HOOK, hook);
  chmodSync(hook, 0o755);
  return [
    `${repository}: ${refs.map((ref) => ref.replace('refs/heads/', '')).join(', ')} now ${refs.length === 1 ? 'moves' : 'move'} only by merges that the gate signed.`,
    'Give the private key to the gate worker alone (MILLWRIGHT_GATE_KEY), and start it again.',
    'Who can write the files of this repository can take the hook away: let the gate push as another user than its owner.',
  ].join('\n');
}

export function unprotect(repository: string): string {
  bareRepository(repository);
  const hook = join(repository, 'hooks', 'update');
  if (!existsSync(hook) || !readFileSync(hook, 'utf8').includes(MARK))
    return `${repository} is not protected by Millwright.`;
  rmSync(hook);
  rmSync(join(repository, GATE), { recursive: true, force: true });
  return `${repository} is not protected any more.`;
}

type Asking = (args: readonly string[]) => string;

function bareRepository(repository: string): Asking {
  const git: Asking = (args) =>
    execFileSync('git', [`--git-dir=${repository}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim();
  if (existsSync(join(repository, '.git'))) throw checkedOut(repository);
  if (!existsSync(repository) || !answers(git, ['rev-parse', '--git-dir']))
    throw new Ended(exitCodes.usage, `There is no repository at ${repository}.`);
  if (git(['rev-parse', '--is-bare-repository']) !== 'true') throw checkedOut(repository);
  return git;
}

const ownBranch = (git: Asking): string => git(['symbolic-ref', '--short', 'HEAD']);

const setting = (git: Asking, name: string): string | undefined => answers(git, ['config', '--get', name]) || undefined;

function answers(git: Asking, args: readonly string[]): string | undefined {
  try {
    return git(args);
  } catch {
    return undefined;
  }
}

const missing = (repository: string, ref: string) =>
  new Ended(
    exitCodes.usage,
    `${repository} has no branch ${ref.replace('refs/heads/', '')}: it must have begun before it is protected.`,
  );

const checkedOut = (repository: string) =>
  new Ended(
    exitCodes.usage,
    `${repository} is a checkout. Its branches move without any push, so no hook protects them: protect a bare repository.`,
  );
