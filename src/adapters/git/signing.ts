// How the gate shows that a merge is its own: an SSH signature, by a key that no other worker holds.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** For `commit-tree`: the settings under which git signs with this key, by no program but the machine's own ssh-keygen. */
export function signedWith(key: string | undefined): { args: string[]; env: Record<string, string> } {
  if (key === undefined) return { args: [], env: {} };
  const settings = [
    ['gpg.format', 'ssh'],
    ['gpg.ssh.program', 'ssh-keygen'],
    ['user.signingKey', key],
  ] as const;
  const env = Object.fromEntries(
    settings.flatMap(([name, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, name],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  );
  return { args: ['-S'], env: { GIT_CONFIG_COUNT: `${settings.length}`, ...env } };
}

/** Throws, in words for the operator, where this key cannot sign without being asked for something. */
export async function assertSigns(key: string): Promise<void> {
  const signing = promisify(execFile)('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', key, '-'], {
    env: { PATH: process.env.PATH, SSH_ASKPASS_REQUIRE: 'never' },
    timeout: 10_000,
  });
  signing.child.stdin?.end('can it sign?');
  await signing.catch((error: { code?: unknown; stderr?: string; message: string }) => {
    const why = error.code === 'ENOENT' ? 'there is no ssh-keygen on this machine' : (error.stderr ?? error.message);
    throw new Error(
      `the gate cannot sign with MILLWRIGHT_GATE_KEY (${key}): ${why.replace(/\s+/g, ' ').trim()}. ` +
        "It needs an SSH key without a passphrase that only its user can read: ssh-keygen -t ed25519 -N '' -f FILE",
    );
  });
}
