// The gate's public key, as a person names it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ended, exitCodes } from './exit-codes';
import { whereTyped } from './where';

/** As whom the key signs, in lists of signers. */
export const GATE = 'millwright-gate';

/** Without a name, the one beside the private key. */
export function readGateKey(named: string | undefined, verb: string): string {
  const own = process.env.MILLWRIGHT_GATE_KEY;
  const file = named === undefined ? own && `${own}.pub` : resolve(whereTyped(verb), named);
  if (!file)
    throw new Ended(
      exitCodes.usage,
      "Which key is the gate's? Name its public half with --key FILE, or set MILLWRIGHT_GATE_KEY. A new one: ssh-keygen -t ed25519 -N '' -C millwright-gate -f FILE",
    );
  try {
    return publicKeyIn(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Ended) throw error;
    throw new Ended(exitCodes.usage, `The gate's public key cannot be read: ${(error as Error).message}`);
  }
}

function publicKeyIn(text: string): string {
  const key = /^(?:ssh-ed25519|ecdsa-sha2-\S+|ssh-rsa|sk-\S+) [A-Za-z0-9+/=]+(?= |$)/m.exec(text.trim())?.[0];
  if (key === undefined || text.includes('PRIVATE KEY'))
    throw new Ended(
      exitCodes.usage,
      'That is no public SSH key: it begins with ssh-ed25519, and its file ends in .pub.',
    );
  return key;
}
