// Keys of the gate and of others, and what people do with a repository that is protected by one.
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { ground } from '../adapters/git/ground';

export function newKey(name: string, passphrase = ''): string {
  const file = path.join(ground, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

/** A verb as a person runs it. */
export function millwright(verb: string, ...args: string[]): { code: number | null; said: string } {
  const ran = spawnSync(process.execPath, ['scripts/run.cjs', verb, ...args], { encoding: 'utf8' });
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

/** The exit code and the words of a push. */
export function push(from: string, repository: string, ...specs: string[]): string {
  const ran = spawnSync('git', ['push', '--porcelain', repository, ...specs], { cwd: from, encoding: 'utf8' });
  return `${ran.status} ${ran.stdout}${ran.stderr}`;
}
