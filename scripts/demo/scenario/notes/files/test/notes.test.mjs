// The notes of logged-in users, over real HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../src/server.mjs';

const password = 'correct horse battery';
const passwordCost = { N: 1024, r: 8, p: 1 };
const groceries = { title: 'Groceries', text: 'Bread, salt' };

/** A server with these users logged in, and a clock that the test moves. */
async function start(t, ...names) {
  const clock = { ms: Date.parse('2030-01-01T00:00:00Z') };
  const { url, close } = await startServer({ passwordCost, now: () => clock.ms });
  t.after(close);
  const request = (token) => (method, path, body) =>
    fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const anybody = request();
  const users = [];
  for (const name of names) {
    const credentials = { email: `${name}@example.org`, password };
    await anybody('POST', '/users', credentials);
    const { token } = await (await anybody('POST', '/sessions', credentials)).json();
    users.push(request(token));
  }
  return { clock, anybody, users };
}

async function added(user, body = groceries) {
  const response = await user('POST', '/notes', body);
  assert.equal(response.status, 201);
  return response.json();
}

test('keeps a note and shows it again', async (t) => {
  const { users } = await start(t, 'ada');
  const [ada] = users;
  const response = await ada('POST', '/notes', groceries);
  const note = await response.json();

  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location'), `/notes/${note.id}`);
  assert.deepEqual(Object.keys(note).sort(), ['createdAt', 'id', 'text', 'title', 'updatedAt']);
  assert.deepEqual(await (await ada('GET', `/notes/${note.id}`)).json(), note);
});

test('lists the notes of the user, the newest first', async (t) => {
  const { users } = await start(t, 'ada', 'eve');
  const [ada, eve] = users;
  await added(ada, { title: 'first', text: '' });
  await added(eve, { title: 'of somebody else', text: '' });
  await added(ada, { title: 'second', text: '' });
  const { notes } = await (await ada('GET', '/notes')).json();

  assert.deepEqual(
    notes.map(({ title }) => title),
    ['second', 'first'],
  );
});

test('changes a note and says when', async (t) => {
  const { clock, users } = await start(t, 'ada');
  const [ada] = users;
  const note = await added(ada);
  clock.ms += 60_000;
  const response = await ada('PUT', `/notes/${note.id}`, { title: 'Shopping', text: 'Bread' });

  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    ...note,
    title: 'Shopping',
    text: 'Bread',
    updatedAt: '2030-01-01T00:01:00.000Z',
  });
});

test('removes a note for good', async (t) => {
  const { users } = await start(t, 'ada');
  const [ada] = users;
  const { id } = await added(ada);

  assert.equal((await ada('DELETE', `/notes/${id}`)).status, 204);
  assert.equal((await ada('GET', `/notes/${id}`)).status, 404);
  assert.equal((await ada('DELETE', `/notes/${id}`)).status, 404);
});

for (const [method, body] of [
  ['GET', undefined],
  ['PUT', { title: 'mine now', text: '' }],
  ['DELETE', undefined],
]) {
  test(`answers ${method} for the note of somebody else as if there were none, and leaves it alone`, async (t) => {
    const { users } = await start(t, 'ada', 'eve');
    const [ada, eve] = users;
    const note = await added(ada);
    const response = await eve(method, `/notes/${note.id}`, body);

    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.code, 'note_not_found');
    assert.deepEqual(await (await ada('GET', `/notes/${note.id}`)).json(), note);
  });
}

test('lets nobody in without a token', async (t) => {
  const { anybody } = await start(t);
  const answers = await Promise.all([
    anybody('GET', '/notes'),
    anybody('POST', '/notes', groceries),
    anybody('GET', '/notes/1'),
    anybody('PUT', '/notes/1', groceries),
    anybody('DELETE', '/notes/1'),
  ]);

  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 401, 401, 401, 401],
  );
});

test('refuses notes without a title, with too much text, or with fields of the wrong kind', async (t) => {
  const { users } = await start(t, 'ada');
  const [ada] = users;
  for (const [body, wrong] of [
    [{}, ['title', 'text']],
    [{ title: '', text: '' }, ['title']],
    [{ title: 'x'.repeat(201), text: '' }, ['title']],
    [{ title: 'x', text: 'x'.repeat(10_001) }, ['text']],
    [{ title: ['x'], text: '' }, ['title']],
  ]) {
    const response = await ada('POST', '/notes', body);
    assert.equal(response.status, 422);
    assert.deepEqual(Object.keys((await response.json()).error.fields), wrong);
  }
});

test('takes no field from the body but title and text', async (t) => {
  const { users } = await start(t, 'ada');
  const [ada] = users;
  const note = await added(ada, { ...groceries, id: 'mine', ownerId: 'eve' });

  assert.notEqual(note.id, 'mine');
  assert.equal((await ada('GET', `/notes/${note.id}`)).status, 200);
});

test('keeps 100 notes of a user, and then says so', async (t) => {
  const { users } = await start(t, 'ada');
  const [ada] = users;
  for (let count = 0; count < 100; count += 1) await added(ada);
  const refused = await ada('POST', '/notes', groceries);

  assert.equal(refused.status, 409);
  assert.equal((await refused.json()).error.code, 'too_many_notes');
});
