// What the server does with every request, whatever the route.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRouter } from '../src/router.mjs';
import { startServer } from '../src/server.mjs';

async function start(t) {
  const { url, close } = await startServer({ passwordCost: { N: 1024, r: 8, p: 1 } });
  t.after(close);
  return (path, options) => fetch(url + path, options);
}

const codeOf = async (response) => (await response.json()).error.code;

test('answers 404 where there is nothing', async (t) => {
  const request = await start(t);
  const response = await request('/nowhere');

  assert.equal(response.status, 404);
  assert.equal(await codeOf(response), 'not_found');
});

test('says which method an address takes', async (t) => {
  const request = await start(t);
  const response = await request('/users?page=1', { method: 'DELETE' });

  assert.equal(response.status, 405);
  assert.equal(response.headers.get('allow'), 'POST');
  assert.equal(await codeOf(response), 'method_not_allowed');
});

test('refuses a body that is not declared as JSON', async (t) => {
  const request = await start(t);
  const response = await request('/users', { method: 'POST', body: '{}' });

  assert.equal(response.status, 415);
  assert.equal(await codeOf(response), 'not_json');
});

test('refuses a body over 16 KiB and goes on serving', async (t) => {
  const request = await start(t);
  const post = (body) =>
    request('/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const response = await post({ email: 'x'.repeat(17 * 1024) });

  assert.equal(response.status, 413);
  assert.equal(await codeOf(response), 'too_large');
  assert.equal((await post({})).status, 422);
});

test('the router reads parameters and decodes them', () => {
  const show = () => {};
  const findRoute = createRouter([{ 'GET /things/:id': show }]);

  assert.deepEqual(findRoute('GET', '/things/a%20b?x=1'), { handler: show, params: { id: 'a b' } });
});

test('the router refuses an empty parameter and one that is not encoded correctly', () => {
  const findRoute = createRouter([{ 'GET /things/:id': () => {} }]);

  assert.throws(() => findRoute('GET', '/things/'), { status: 404 });
  assert.throws(() => findRoute('GET', '/things/%E0%A4%A'), { status: 400, code: 'invalid_address' });
});
