// The keys of payloads, from the environment: the first encrypts, all of them decrypt, so that a key can be replaced while runs are under way.
import { createHash } from 'node:crypto';
import { KEYS_VARIABLE } from '../../domain/encryption';

/** `check` tells a key from another under the same name, and nothing about the key. */
export type EncryptionKey = { id: string; bytes: Buffer; check: string };

const KEY_BYTES = 32;

/** None where the variable is not set. What is wrong is said without the keys. */
export function encryptionKeys(environment: NodeJS.ProcessEnv): readonly EncryptionKey[] {
  const words = (environment[KEYS_VARIABLE] ?? '').split(/[\s,]+/).filter(Boolean);
  const keys = words.map((word, at) => keyIn(word, `${KEYS_VARIABLE}: number ${at + 1}`));
  const twice = keys.find(({ id }, at) => keys.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw new Error(`${KEYS_VARIABLE}: two keys are called "${twice.id}"`);
  return keys;
}

function keyIn(word: string, what: string): EncryptionKey {
  const [, id, text] = /^([A-Za-z0-9._-]{1,40}):([A-Za-z0-9+/_-]+={0,2})$/.exec(word) ?? [];
  if (id === undefined || text === undefined)
    throw new Error(`${what} is no <name>:<key>, with a name of letters, digits, dots and dashes and a key in base64`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES)
    throw new Error(`${what}, "${id}", has ${bytes.length} bytes instead of ${KEY_BYTES}: openssl rand -base64 32`);
  return { id, bytes, check: checkOf(bytes) };
}

const checkOf = (bytes: Buffer): string =>
  createHash('sha256').update('millwright-key-check\0').update(bytes).digest('hex').slice(0, 16);
