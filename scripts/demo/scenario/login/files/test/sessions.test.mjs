// Login and the first protected endpoint, over real HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../src/server.mjs';

const passwordCost = { N: 1024, r: 8, p: 1 };
const ada = { email: 'ada@example.org', password: 'correct horse battery' };

/** A server, and a clock that the test moves. */
async function start(t, env) {
  const clock = { ms: Date.parse('2030-01-01T00:00:00Z') };
  const { url, close } = await startServer({ env, passwordCost, now: () => clock.ms });
  t.after(close);
  const post = (path, body) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    clock,
    register: (user) => post('/users', user),
    login: (credentials) => post('/sessions', credentials),
    me: (authorization) => fetch(`${url}/me`, { headers: authorization === undefined ? {} : { authorization } }),
  };
}

async function startWithAda(t, env) {
  const server = await start(t, env);
  assert.equal((await server.register(ada)).status, 201);
  return server;
}

async function tokenOf(response) {
  assert.equal(response.status, 201);
  return (await response.json()).token;
}

test('gives a token for the right password, with its end', async (t) => {
  const { login } = await startWithAda(t);
  const response = await login({ ...ada, email: 'ADA@example.org' });
  const session = await response.json();

  assert.equal(response.status, 201);
  assert.deepEqual(Object.keys(session).sort(), ['expiresAt', 'token', 'tokenType']);
  assert.equal(session.tokenType, 'Bearer');
  assert.equal(session.expiresAt, '2030-01-01T01:00:00.000Z');
});

test('refuses a wrong password and an unknown address with the same answer', async (t) => {
  const { login } = await startWithAda(t);
  const wrong = await login({ ...ada, password: 'wrong horse battery' });
  const unknown = await login({ ...ada, email: 'eve@example.org' });

  assert.deepEqual([wrong.status, unknown.status], [401, 401]);
  assert.deepEqual(await wrong.json(), await unknown.json());
});

test('refuses credentials that are no text', async (t) => {
  const { login } = await start(t);
  const response = await login({ email: { $ne: null }, password: { $ne: null } });

  assert.equal(response.status, 422);
});

test('tells the user who they are, and nothing that is secret', async (t) => {
  const { login, me } = await startWithAda(t);
  const response = await me(`Bearer ${await tokenOf(await login(ada))}`);
  const user = await response.json();

  assert.equal(response.status, 200);
  assert.equal(user.email, ada.email);
  assert.deepEqual(Object.keys(user).sort(), ['createdAt', 'email', 'id']);
});

for (const [what, authorization] of [
  ['no token', undefined],
  ['another scheme', 'Basic YWRhOnNlY3JldA=='],
  ['an empty token', 'Bearer '],
  ['a token that is not one of ours', 'Bearer nonsense'],
  ['a token with too many parts', 'Bearer a.b.c'],
]) {
  test(`refuses a request with ${what}`, async (t) => {
    const { me } = await start(t);
    const response = await me(authorization);

    assert.equal(response.status, 401);
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
    assert.equal((await response.json()).error.code, 'unauthorized');
  });
}

test('refuses a token that has expired', async (t) => {
  const { clock, login, me } = await startWithAda(t, { TOKEN_TTL_SECONDS: '60' });
  const token = await tokenOf(await login(ada));

  clock.ms += 59_999;
  assert.equal((await me(`Bearer ${token}`)).status, 200);
  clock.ms += 1;
  assert.equal((await me(`Bearer ${token}`)).status, 401);
});

test('refuses a token whose content was changed', async (t) => {
  const { login, me } = await startWithAda(t);
  const [payload, signature] = (await tokenOf(await login(ada))).split('.');
  const content = JSON.parse(Buffer.from(payload, 'base64url'));
  const longer = Buffer.from(JSON.stringify({ ...content, expiresAt: content.expiresAt * 2 })).toString('base64url');

  assert.equal((await me(`Bearer ${longer}.${signature}`)).status, 401);
});

test('refuses the token of a server with another secret', async (t) => {
  const one = await startWithAda(t, { TOKEN_SECRET: 'a'.repeat(32) });
  const other = await start(t, { TOKEN_SECRET: 'b'.repeat(32) });
  const token = await tokenOf(await one.login(ada));

  assert.equal((await other.me(`Bearer ${token}`)).status, 401);
});

for (const [what, env, complaint] of [
  ['a secret that is too short', { TOKEN_SECRET: 'short' }, /TOKEN_SECRET/],
  ['a lifetime that is no number', { TOKEN_TTL_SECONDS: 'soon' }, /TOKEN_TTL_SECONDS/],
]) {
  test(`does not start with ${what}`, async (t) => {
    await assert.rejects(start(t, env), complaint);
  });
}
