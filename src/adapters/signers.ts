// Whose keys count, as a file of allowed signers has it: ssh-keygen verifies, and the name on the key's line must be the very name.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Signers } from '../activities/ports';

const SECONDS = 10;

/** Read anew each time: who is taken off the list decides nothing any more. */
export function createSigners(file: string): Signers {
  return {
    async objection({ by, text, sshsig, namespace }) {
      const allowed = await readFile(file, 'utf8').catch(() => undefined);
      if (allowed === undefined) return `the file of allowed signers cannot be read: ${file}`;
      // A pattern would let anybody with that key take any name that fits: only lines with this very name are asked.
      const own = allowed.split(/\r?\n/).filter((line) => namesOn(line).includes(by));
      if (own.length === 0) return `there is no signer with the name ${by}`;
      const folder = await mkdtemp(path.join(tmpdir(), 'millwright-signature-'));
      try {
        const [list, signature] = [path.join(folder, 'signers'), path.join(folder, 'signature')];
        await Promise.all([writeFile(list, `${own.join('\n')}\n`), writeFile(signature, sshsig)]);
        const args = ['-Y', 'verify', '-f', list, '-I', by, '-n', namespace, '-s', signature];
        return await verified(args, text, by);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The principals of a line: names with commas between, in quotes where they have spaces. */
function namesOn(line: string): string[] {
  const [, quoted, bare] = /^\s*(?:"([^"]*)"|([^\s"#]\S*))\s/.exec(line) ?? [];
  return (quoted ?? bare ?? '').split(',').filter((name) => name !== '' && !/[*?!]/.test(name));
}

function verified(args: readonly string[], text: string, by: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, LC_ALL: 'C' };
    const child = spawn('ssh-keygen', args, { env, timeout: SECONDS * 1000, stdio: ['pipe', 'ignore', 'ignore'] });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      // Not a word about the signature: a machine that is too busy, or its memory is full.
      if (code === null) reject(new Error(`ssh-keygen was ended by ${signal} before it had verified a word of ${by}`));
      else resolve(code === 0 ? undefined : `its signature is not ${by}'s, for this decision in this run`);
    });
    child.stdin.on('error', () => undefined).end(text);
  });
}

/** Throws, in words for the operator, where nobody's signature could count. */
export async function assertSigners(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`MILLWRIGHT_ALLOWED_SIGNERS cannot be read: ${error.message}`);
  });
  if (text.split(/\r?\n/).every((line) => namesOn(line).length === 0))
    throw new Error(
      `MILLWRIGHT_ALLOWED_SIGNERS (${file}) names nobody. A line is a name and a public key: ada ssh-ed25519 AAAA… ` +
        '(patterns do not count, a name with spaces stands in quotes)',
    );
}
