// Payloads that only we can read: how one is known from outside, and what is said of one that cannot be read.

/** What Temporal's own samples call it, so that other tools know one when they see it. */
export const ENCRYPTED = 'binary/encrypted';
/** What decrypting makes of a payload that is not what was encrypted: no converter knows it. */
export const ALTERED = 'binary/encrypted-and-altered';

export const KEYS_VARIABLE = 'MILLWRIGHT_ENCRYPTION_KEYS';

/** In a payload's metadata: which key it takes. */
export const KEY_ID = 'encryption-key-id';

type Outside = { metadata?: Readonly<Record<string, Uint8Array>> | null };

export const metadataOf = ({ metadata }: Outside, name: string): string | undefined => {
  const bytes = metadata?.[name];
  return bytes === undefined || bytes === null ? undefined : new TextDecoder().decode(bytes);
};

export const isEncrypted = (payload: Outside): boolean => metadataOf(payload, 'encoding') === ENCRYPTED;

/** Its sender chose the name of the key: what is shown of it is short and plain. */
export function missingKeyWords(payload: Outside): string {
  const id = (metadataOf(payload, KEY_ID) ?? '').replace(/[^\w.-]/g, '?').slice(0, 40);
  return `it is encrypted with the key "${id}", which is not in ${KEYS_VARIABLE} here (or another one is, under that name): every worker and verb needs it`;
}

export const KEY_MISSING = 'KeyMissing';

/** Another worker, or this one with another key, could read it: what fails of it is to be tried again. */
export class KeyMissing extends Error {
  override readonly name = KEY_MISSING;
}

export const ALTERED_WORDS = 'it is not what was encrypted: it was altered on its way';
