// How passwords are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPasswords } from '../src/passwords.mjs';

const cheap = createPasswords({ N: 1024, r: 8, p: 1 });

test('a hash verifies its own password and no other', async () => {
  const hash = await cheap.hash('correct horse battery');

  assert.equal(await cheap.verify('correct horse battery', hash), true);
  assert.equal(await cheap.verify('correct horse batterY', hash), false);
});

test('the same password gets another hash each time', async () => {
  const hashes = await Promise.all([1, 2].map(() => cheap.hash('correct horse battery')));

  assert.notEqual(hashes[0], hashes[1]);
});

test('hashes cost what is recommended, unless a test says otherwise', async () => {
  assert.match(await createPasswords().hash('correct horse battery'), /^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
});

test('a hash verifies at the cost that it was made with', async () => {
  const older = await createPasswords({ N: 512, r: 8, p: 1 }).hash('correct horse battery');

  assert.equal(await cheap.verify('correct horse battery', older), true);
});

test('a password typed with composed or separate accents is the same password', async () => {
  const hash = await cheap.hash('caf\u00e9 au lait chaud');

  assert.equal(await cheap.verify('cafe\u0301 au lait chaud', hash), true);
});
