// Payloads that only who has the key can read; and what becomes of those that cannot be read.
import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createCodec, decrypted, encrypted } from '../../../src/adapters/encryption/codec';
import { encryptionKeys } from '../../../src/adapters/encryption/keys';
import { ALTERED, metadataOf } from '../../../src/domain/encryption';
import { redactor, secretsIn } from '../../../src/domain/secrets';

const fresh = () => randomBytes(32).toString('base64');
const keysOf = (...words: string[]) => encryptionKeys({ MILLWRIGHT_ENCRYPTION_KEYS: words.join(',') });
const [one, two] = [`one:${fresh()}`, `two:${fresh()}`];
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const textOf = ({ metadata, data }: Payload) =>
  [...Object.entries(metadata ?? {}).flat(), data ?? ''].map((part) => Buffer.from(part).toString('latin1')).join('|');

test.each([
  ['a text', 'Add JWT login — für alle'],
  ['an object', { request: 'x', list: [1, null] }],
  ['nothing', undefined],
  ['bytes', new Uint8Array([0, 255, 7])],
  ['an empty text', ''],
  ['much', 'x'.repeat(300_000)],
])('%s comes back as it was, and is not to be seen in between', async (_, value) => {
  const codec = createCodec(keysOf(one), 'refuse');
  const [sent] = await codec.encode([payload(value)]);
  expect(metadataOf(sent!, 'encoding')).toBe('binary/encrypted');
  expect(textOf(sent!)).not.toContain('JWT');
  expect(textOf(sent!)).not.toContain('json/plain');
  const [back] = await codec.decode([sent!]);
  expect(defaultPayloadConverter.fromPayload(back!)).toEqual(value);
});

test('the same twice is not the same to see', async () => {
  const codec = createCodec(keysOf(one), 'refuse');
  const [first, second] = await codec.encode([payload('x'), payload('x')]);
  expect(Buffer.from(first!.data!).equals(Buffer.from(second!.data!))).toBe(false);
});

test('the first key encrypts and all decrypt, so that a key can be replaced', async () => {
  const [old] = await createCodec(keysOf(one), 'refuse').encode([payload('before')]);
  const both = createCodec(keysOf(two, one), 'refuse');
  const [young] = await both.encode([payload('after')]);
  expect(metadataOf(young!, 'encryption-key-id')).toBe('two');
  const read = (await both.decode([old!, young!])).map((one) => defaultPayloadConverter.fromPayload(one));
  expect(read).toEqual(['before', 'after']);
  await expect(createCodec(keysOf(two), 'refuse').decode([old!])).rejects.toThrow(/the key "one", which is not in/);
});

test('another key under the same name is told from the right one, and not taken for an altered payload', () => {
  const sent = encrypted(payload('x'), keysOf(one)[0]!);
  expect(decrypted(sent, keysOf(`one:${fresh()}`))).toEqual({ lacksKey: expect.stringContaining('another one is') });
});

test.each([
  ['a bit is turned', (data: Buffer) => ((data[20]! ^= 1), data)],
  ['it is cut', (data: Buffer) => data.subarray(0, 30)],
  ['its tag is shortened', (data: Buffer) => data.subarray(0, -8)],
  ['it is empty', () => Buffer.alloc(0)],
])('where %s it is altered, whatever it was', async (_, alter) => {
  const keys = keysOf(one);
  const sent = encrypted(payload('x'), keys[0]!);
  const evil = { ...sent, data: alter(Buffer.from(sent.data!)) };
  expect(decrypted(evil, keys)).toEqual({ altered: expect.stringContaining('altered on its way') });
  const [left] = await createCodec(keys, 'leave').decode([evil]);
  expect(metadataOf(left!, 'encoding')).toBe(ALTERED);
  await expect(createCodec(keys, 'refuse').decode([evil])).rejects.toThrow('altered on its way');
});

test('what is not encrypted is as it is; and without a key nothing is', async () => {
  const plain = payload('from before');
  expect(await createCodec(keysOf(one), 'refuse').decode([plain])).toEqual([plain]);
  expect(await createCodec([], 'refuse').encode([plain])).toEqual([plain]);
});

test('without the key it is left as it is, or told: one that a person looks at never hides the others', async () => {
  const sent = encrypted(payload('x'), keysOf(one)[0]!);
  expect(await createCodec([], 'leave').decode([sent])).toEqual([sent]);
  const [told] = await createCodec([], 'tell').decode([sent]);
  expect(defaultPayloadConverter.fromPayload(told!)).toMatch(/^\[it is encrypted with the key "one"/);
});

test.each([
  ['no name', fresh(), /number 1 is no <name>:<key>/],
  ['too short a key', `${one},short:${randomBytes(16).toString('base64')}`, /"short", has 16 bytes instead of 32/],
  ['a name twice', `${one},one:${fresh()}`, /two keys are called "one"/],
  ['a key that is no base64', 'one:not+base64!', /number 1 is no/],
])('keys with %s are refused without showing any', (_, text, why) => {
  const reading = () => encryptionKeys({ MILLWRIGHT_ENCRYPTION_KEYS: text });
  expect(reading).toThrow(why);
  const keys = text.split(',').map((word) => word.slice(word.indexOf(':') + 1));
  try {
    reading();
  } catch (error) {
    for (const key of keys) expect((error as Error).message).not.toContain(key);
  }
});

test('a key is a secret of the worker that has it, each for itself', () => {
  const redact = redactor(secretsIn({ MILLWRIGHT_ENCRYPTION_KEYS: `${one},${two}` }));
  for (const word of [one, two])
    expect(redact(`said ${word.slice(4)}.`)).toBe('said [secret removed: MILLWRIGHT_ENCRYPTION_KEYS].');
});
