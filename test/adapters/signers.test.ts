// A verdict on a signature is ssh-keygen's own, or there is none.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigners } from '../../src/adapters/signers';

let folder: string;
const path = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-signers-test-'));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

/** What a worker hears of a signature where ssh-keygen does this. */
async function heardOf(script: string): Promise<string | undefined> {
  writeFileSync(join(folder, 'ssh-keygen'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'ssh-keygen'), 0o755);
  process.env.PATH = `${folder}:${path}`;
  const signers = join(folder, 'signers');
  writeFileSync(signers, 'ada ssh-ed25519 AAAA\n');
  return createSigners(signers).objection({ by: 'ada', text: 'x', sshsig: 'y', namespace: 'millwright' });
}

test('what it takes for wrong is an objection', async () => {
  expect(await heardOf('exit 255')).toContain("its signature is not ada's");
});

test('where it was killed before it was done it is asked again: nobody says that the signature was wrong', async () => {
  await expect(heardOf('kill -KILL $$')).rejects.toThrow(
    /ssh-keygen was ended by SIGKILL before it had verified a word of ada/,
  );
});
