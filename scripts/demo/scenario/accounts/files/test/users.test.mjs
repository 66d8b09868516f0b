// Registration, over real HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../src/server.mjs';

const password = 'correct horse battery';
const passwordCost = { N: 1024, r: 8, p: 1 };

async function start(t) {
  const { url, close } = await startServer({ passwordCost });
  t.after(close);
  return {
    url,
    register: (body) =>
      fetch(`${url}/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

const codeOf = async (response) => (await response.json()).error.code;

test('registers a user and answers with what others may see', async (t) => {
  const { register } = await start(t);
  const response = await register({ email: 'Ada@Example.org', password });
  const user = await response.json();

  assert.equal(response.status, 201);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  assert.deepEqual(Object.keys(user).sort(), ['createdAt', 'email', 'id']);
  assert.equal(user.email, 'ada@example.org');
  assert.match(user.id, /^[0-9a-f-]{36}$/);
  assert.ok(!Number.isNaN(Date.parse(user.createdAt)));
});

test('refuses an address that is taken, however it is written', async (t) => {
  const { register } = await start(t);
  await register({ email: 'ada@example.org', password });
  const again = await register({ email: 'ADA@example.org', password: 'another long password' });

  assert.equal(again.status, 409);
  assert.equal(await codeOf(again), 'email_taken');
});

test('lets only one of two registrations win that arrive together', async (t) => {
  const { register } = await start(t);
  const both = await Promise.all([1, 2].map(() => register({ email: 'ada@example.org', password })));

  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
});

test('names every field that is wrong', async (t) => {
  const { register } = await start(t);
  const response = await register({ email: 'nobody', password: 'short' });
  const { error } = await response.json();

  assert.equal(response.status, 422);
  assert.equal(error.code, 'invalid_fields');
  assert.deepEqual(Object.keys(error.fields), ['email', 'password']);
});

for (const [what, body] of [
  ['no fields', {}],
  ['an address without a domain', { email: 'ada@', password }],
  ['an address with a space', { email: 'ada lovelace@example.org', password }],
  ['an address that is a list', { email: ['ada@example.org'], password }],
  ['an address of 300 characters', { email: `${'a'.repeat(288)}@example.org`, password }],
  ['a password of 11 characters', { email: 'ada@example.org', password: 'x'.repeat(11) }],
  ['a password of 129 characters', { email: 'ada@example.org', password: 'x'.repeat(129) }],
  ['a password that is a number', { email: 'ada@example.org', password: 123_456_789_012 }],
]) {
  test(`refuses ${what}`, async (t) => {
    const { register } = await start(t);
    assert.equal((await register(body)).status, 422);
  });
}

for (const [what, body] of [
  ['text that is no JSON', '{"email":'],
  ['a list', '[]'],
  ['null', 'null'],
  ['an empty body', ''],
]) {
  test(`refuses ${what} as a body`, async (t) => {
    const { register } = await start(t);
    const response = await register(body);

    assert.equal(response.status, 400);
    assert.equal(await codeOf(response), 'invalid_json');
  });
}
