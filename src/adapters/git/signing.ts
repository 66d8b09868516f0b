// How the gate shows that a merge is its own: an SSH signature, by a key that no other worker holds.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Signer } from '../../activities/ports';

const execute = promisify(execFile);
const env = { PATH: process.env.PATH, SSH_ASKPASS_REQUIRE: 'never' };

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

/** Signs by SSH, in a namespace of its own: what is signed as a receipt can be shown as nothing else. */
export function createSigner(key: string, namespace: string): Signer {
  return {
    async sign(content) {
      const { stdout: listed } = await execute('ssh-keygen', ['-l', '-f', key], { env });
      const signature = await signed(key, namespace, content);
      return { keyid: listed.split(' ')[1]!, sig: Buffer.from(signature).toString('base64') };
    },
  };
}

async function signed(key: string, namespace: string, content: Buffer | string): Promise<string> {
  const signing = execute('ssh-keygen', ['-Y', 'sign', '-n', namespace, '-f', key, '-'], { env, timeout: 10_000 });
  signing.child.stdin?.on('error', () => undefined).end(content);
  return (await signing).stdout;
}

/** Throws, in words for the operator, where this key cannot sign without being asked for something. */
export async function assertSigns(key: string): Promise<void> {
  await signed(key, 'git', 'can it sign?').catch((error: { code?: unknown; stderr?: string; message: string }) => {
    const why = error.code === 'ENOENT' ? 'there is no ssh-keygen on this machine' : (error.stderr ?? error.message);
    throw new Error(
      `the gate cannot sign with MILLWRIGHT_GATE_KEY (${key}): ${why.replace(/\s+/g, ' ').trim()}. ` +
        "It needs an SSH key without a passphrase that only its user can read: ssh-keygen -t ed25519 -N '' -f FILE",
    );
  });
}
