// Health, rate limits and security headers, over real HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../src/server.mjs';

/** A server and a clock that the test moves. */
async function start(t, env) {
  const clock = { ms: Date.parse('2030-01-01T00:00:00Z') };
  const { url, close } = await startServer({ env, passwordCost: { N: 1024, r: 8, p: 1 }, now: () => clock.ms });
  t.after(close);
  return { clock, get: (path, headers) => fetch(url + path, { headers }), register: () => register(url) };
}

// Not a registration that succeeds, but an attempt all the same.
const register = (url) =>
  fetch(`${url}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });

test('says that it is up, and for how long', async (t) => {
  const { clock, get } = await start(t);
  clock.ms += 90_500;
  const response = await get('/health');

  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: 'ok', uptimeSeconds: 90 });
});

test('sends the security headers with every answer, refusals included', async (t) => {
  const { get, register } = await start(t, { RATE_LIMIT: '2' });
  const answers = [await get('/health'), await get('/nowhere'), await register(), await register()];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 422, 429],
  );
  for (const { headers } of answers) {
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.match(headers.get('content-security-policy'), /default-src 'none'/);
    assert.match(headers.get('strict-transport-security'), /max-age=\d+/);
  }
});

test('refuses a client over its limit until the minute is over', async (t) => {
  const { clock, get } = await start(t, { RATE_LIMIT: '2' });
  assert.equal((await get('/nowhere')).headers.get('ratelimit-remaining'), '1');
  assert.equal((await get('/nowhere')).headers.get('ratelimit-remaining'), '0');

  clock.ms += 20_000;
  const refused = await get('/nowhere');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '40');
  assert.equal((await refused.json()).error.code, 'too_many_requests');

  clock.ms += 40_000;
  assert.equal((await get('/nowhere')).status, 404);
});

test('limits attempts with a password more tightly than the rest', async (t) => {
  const { get, register } = await start(t, { CREDENTIALS_RATE_LIMIT: '1' });

  assert.equal((await register()).status, 422);
  assert.equal((await register()).status, 429);
  assert.equal((await get('/nowhere')).status, 404);
});

test('never refuses a health check', async (t) => {
  const { get } = await start(t, { RATE_LIMIT: '1' });
  const statuses = [];
  for (let times = 0; times < 3; times += 1) statuses.push((await get('/health')).status);

  assert.deepEqual(statuses, [200, 200, 200]);
});

test('behind a proxy, counts by the address that the proxy added', async (t) => {
  const { get } = await start(t, { RATE_LIMIT: '1', TRUST_PROXY: '1' });
  const from = async (addresses) => (await get('/nowhere', { 'x-forwarded-for': addresses })).status;

  assert.equal(await from('198.51.100.1'), 404);
  assert.equal(await from('198.51.100.2'), 404);
  assert.equal(await from('203.0.113.9, 198.51.100.1'), 429);
});

test('without a proxy, does not believe what a client says about its address', async (t) => {
  const { get } = await start(t, { RATE_LIMIT: '1' });
  const from = async (address) => (await get('/nowhere', { 'x-forwarded-for': address })).status;

  assert.deepEqual([await from('198.51.100.1'), await from('198.51.100.2')], [404, 429]);
});

test('does not start with a limit that is no whole number', async (t) => {
  await assert.rejects(start(t, { RATE_LIMIT: 'many' }), /RATE_LIMIT/);
});
