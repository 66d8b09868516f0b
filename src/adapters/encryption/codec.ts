// Encrypts payloads before they leave for Temporal, and decrypts what comes from there: AES-256-GCM, as Temporal's samples do it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Reader, Writer } from 'protobufjs/minimal';
import {
  ALTERED,
  ALTERED_WORDS,
  ENCRYPTED,
  isEncrypted,
  KEY_ID,
  metadataOf,
  missingKeyWords,
} from '../../domain/encryption';
import type { EncryptionKey } from './keys';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_CHECK = 'encryption-key-check';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A payload, or why it cannot be read. */
export type Read = { payload: Payload } | { lacksKey: string } | { altered: string };

export type Unread =
  /** as it is, or as one that no converter knows: the workflow decides what that means */
  | 'leave'
  /** an error in words: nobody could go on without it */
  | 'refuse'
  /** the words in its place: it is only shown */
  | 'tell';

export function createCodec(keys: readonly EncryptionKey[], unread: Unread): PayloadCodec {
  const instead = (payload: Payload, read: Exclude<Read, { payload: Payload }>): Payload => {
    const why = 'altered' in read ? read.altered : read.lacksKey;
    if (unread === 'refuse') throw new Error(`What Temporal holds cannot be read: ${why}.`);
    if (unread === 'tell')
      return { metadata: { encoding: bytes('json/plain') }, data: bytes(JSON.stringify(`[${why}]`)) };
    return 'altered' in read ? { ...payload, metadata: { ...payload.metadata, encoding: bytes(ALTERED) } } : payload;
  };
  const [first] = keys;
  return {
    encode: async (payloads) => (first === undefined ? payloads : payloads.map((payload) => encrypted(payload, first))),
    decode: async (payloads) =>
      payloads.map((payload) => {
        const read = decrypted(payload, keys);
        return 'payload' in read ? read.payload : instead(payload, read);
      }),
  };
}

export function encrypted(payload: Payload, { id, bytes: key, check }: EncryptionKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  const data = Buffer.concat([iv, cipher.update(packed(payload)), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: bytes(ENCRYPTED), [KEY_ID]: bytes(id), [KEY_CHECK]: bytes(check) }, data };
}

/** One that is not encrypted is as it is: runs that began before there was a key go on. */
export function decrypted(payload: Payload, keys: readonly EncryptionKey[]): Read {
  if (!isEncrypted(payload)) return { payload };
  const check = metadataOf(payload, KEY_CHECK);
  const key = keys.find(({ id }) => id === metadataOf(payload, KEY_ID));
  if (key === undefined || (check !== undefined && check !== key.check)) return { lacksKey: missingKeyWords(payload) };
  try {
    return { payload: unpacked(opened(Buffer.from(payload.data ?? []), key.bytes)) };
  } catch {
    return { altered: ALTERED_WORDS };
  }
}

function opened(data: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

// ── temporal.api.common.v1.Payload: { map<string, bytes> metadata = 1; bytes data = 2; } ────────────────────────────

const METADATA = 1;
const DATA = 2;
const BYTES = 2; // the wire type of everything in it
const tag = (field: number) => (field << 3) | BYTES;

function packed({ metadata, data }: Payload): Uint8Array {
  const writer = Writer.create();
  for (const [name, value] of Object.entries(metadata ?? {}))
    writer.uint32(tag(METADATA)).fork().uint32(tag(1)).string(name).uint32(tag(2)).bytes(value).ldelim();
  if (data) writer.uint32(tag(DATA)).bytes(data);
  return writer.finish();
}

function unpacked(message: Uint8Array): Payload {
  const metadata: Record<string, Uint8Array> = {};
  let data: Uint8Array | undefined;
  for (const [field, value] of fieldsOf(message)) {
    if (field === METADATA) {
      const entry = new Map(fieldsOf(value));
      metadata[new TextDecoder().decode(entry.get(1))] = entry.get(2) ?? new Uint8Array();
    } else if (field === DATA) data = value;
  }
  return { metadata, ...(data !== undefined && { data }) };
}

function fieldsOf(message: Uint8Array): [number, Uint8Array][] {
  const reader = Reader.create(message);
  const fields: [number, Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if ((key & 7) === BYTES) fields.push([key >>> 3, reader.bytes()]);
    else reader.skipType(key & 7);
  }
  return fields;
}
