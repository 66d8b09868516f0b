// Signs a decision with a person's SSH key, for one run, once, for a quarter of an hour.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { digestOfNote } from '../../src/activities/digest';
import type { Decision, DecisionKind } from '../../src/domain/decision';
import { DECISION_NAMESPACE, signedText, type RunName, type Signature } from '../../src/domain/signature';
import { Ended, exitCodes } from './exit-codes';
import { whereTyped } from './where';

const VALID_MINUTES = 15;

export type Key = { file: string };

/** As it was typed: a private key, or a public one whose other half an agent holds. */
export const keyNamed = (named: string | undefined, verb: string): Key | undefined =>
  named === undefined ? undefined : { file: resolve(whereTyped(verb), named) };

export async function signed<D extends Decision>(key: Key, run: RunName, kind: DecisionKind, decision: D): Promise<D> {
  const nonce = randomBytes(18).toString('base64url');
  const expires = new Date(Date.now() + VALID_MINUTES * 60_000).toISOString();
  const noteDigest = digestOfNote(decision.note);
  const text = signedText(run, { ...decision, kind, noteDigest, nonce, expires });
  const signature: Signature = { nonce, expires, sshsig: await sshsig(key, text) };
  return { ...decision, signature };
}

/** A passphrase is asked for at the terminal, by ssh-keygen itself. */
function sshsig({ file }: Key, text: string): Promise<string> {
  return new Promise((done, failed) => {
    const args = ['-Y', 'sign', '-n', DECISION_NAMESPACE, '-f', file, '-'];
    const child = spawn('ssh-keygen', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [signature, words] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (signature += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (words += piece.toString()));
    child.stdin.on('error', () => undefined).end(text);
    child.on('error', () => failed(new Ended(exitCodes.usage, 'It cannot be signed: there is no ssh-keygen here.')));
    child.on('close', (code) => {
      const why = words.replace(/\s+/g, ' ').trim();
      if (code === 0) done(signature);
      else failed(new Ended(exitCodes.usage, `It cannot be signed with ${file}, and nothing was sent: ${why}`));
    });
  });
}
