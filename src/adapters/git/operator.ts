// The little of the operator's own git configuration that counts: how to reach a repository and prove who we are.
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeFolder, onDisk } from '../full-disk';
import { exists } from '../provision/cache';

const execute = promisify(execFile);

// Credential helpers run only when an https server asks; the others run nothing. Hooks, filters, aliases, ssh commands,
// URL rewriting and whatever else the operator has set for working by hand stay behind.
const carried = '^(credential\\.|http\\.|safe\\.directory$)';

/** Where it lies in this folder; written anew where somebody has cleared that: git takes a missing file for an empty one. */
export function operatorConfigIn(home: string): () => Promise<string> {
  let written: Promise<string> | undefined;
  const forget = (error: unknown) => {
    written = undefined;
    throw error;
  };
  return async () => {
    const write = () => onDisk(home, () => operatorConfig(home)).catch(forget);
    const file = await (written ??= write());
    return (await exists(file)) ? file : (written = write());
  };
}

/** Writes that part to a file that takes the place of the global configuration, and says where it is. */
export async function operatorConfig(home: string): Promise<string> {
  await makeFolder(home, 0o700);
  const draft = await mkdtemp(path.join(home, 'config-'));
  try {
    const file = path.join(draft, 'gitconfig');
    await writeFile(file, '', { mode: 0o600 });
    for (const [name, value] of await settings())
      await execute('git', ['config', '--file', file, '--add', name, value]);
    await rename(file, path.join(home, 'operator.gitconfig'));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return path.join(home, 'operator.gitconfig');
}

async function settings(): Promise<[string, string][]> {
  // With no repository around it, git reads the system's and the user's configuration alone.
  const env = { ...process.env, GIT_DIR: '/dev/null', GIT_CONFIG_COUNT: '0', GIT_CONFIG_PARAMETERS: '' };
  const found = await execute('git', ['config', '-z', '--get-regexp', carried], { env, cwd: '/' }).catch(noneSet);
  return found.stdout
    .split('\0')
    .filter((entry) => entry.includes('\n'))
    .map((entry) => [entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)]);
}

function noneSet(error: { code?: unknown }): { stdout: string } {
  if (error.code === 1) return { stdout: '' };
  throw error;
}
