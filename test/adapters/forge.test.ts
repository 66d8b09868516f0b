// Pull requests at a forge: opened once, never at another host, and refused or out without harm.
import { createForge } from '../../src/adapters/forge';
import { startForge, type FakeForge } from '../scenarios/forge';

let fake: FakeForge;
beforeEach(async () => (fake = await startForge()));
afterEach(() => fake.close());

const change = { branch: 'millwright/sums/first', base: 'main', title: 'Sums', body: 'words' };
const propose = (repository: string, more: object = {}) =>
  createForge({ host: 'forge.example', api: fake.api, token: 'secret-token' }).propose({
    repository,
    ...change,
    ...more,
  });

test.each([
  'https://forge.example/acme/sums.git',
  'https://forge.example/acme/sums',
  'https://ada@Forge.Example:8443/acme/sums.git/',
  'ssh://git@forge.example:2222/acme/sums.git',
  'git@forge.example:acme/sums.git',
])('%s lies at the forge: a pull request is opened there, with the token', async (repository) => {
  expect(await propose(repository)).toEqual({ outcome: 'open', url: expect.stringMatching(/\/acme\/sums\/pull\/1$/) });
  expect(fake.pulls).toMatchObject([
    { title: 'Sums', body: 'words', base: { ref: 'main' }, head: { ref: change.branch } },
  ]);
  expect(fake.asked.map(({ token }) => token)).toEqual(Array(fake.asked.length).fill('Bearer secret-token'));
});

test.each([
  '/srv/git/forge.example/acme/sums.git',
  'https://elsewhere.example/acme/sums.git',
  'https://forge.example.evil.test/acme/sums.git',
  'https://evil.test/forge.example/acme/sums.git',
  'https://forge.example/acme/deep/er/sums.git',
  'https://forge.example/acme/../../sums.git?x=',
  'git@forge.example:../sums.git',
  'git@evil.test:forge.example/sums.git',
  'file:///forge.example/acme/sums.git',
])('%s is none of the forge’s: nothing is asked, and no token goes out', async (repository) => {
  expect(await propose(repository)).toEqual({ outcome: 'none' });
  expect(fake.asked).toEqual([]);
});

test('without settings there is no forge', async () => {
  const forge = createForge(undefined);
  expect(await forge.propose({ repository: 'https://github.com/acme/sums', ...change })).toEqual({ outcome: 'none' });
});

test('an open one is found again, among others', async () => {
  await propose('git@forge.example:acme/sums.git', { branch: 'millwright/sums/other' });
  const first = await propose('git@forge.example:acme/sums.git');
  expect(await propose('git@forge.example:acme/sums.git')).toEqual(first);
  expect(fake.pulls).toHaveLength(2);
});

test('a refusal is told in the forge’s words', async () => {
  fake.faults.push({ status: 401, message: 'Bad credentials' }, { status: 401, message: 'Bad credentials' });
  fake.faults.push({ status: 401, message: 'Bad credentials' });
  expect(await propose('git@forge.example:acme/sums.git')).toEqual({
    outcome: 'refused',
    reason: '401 Bad credentials',
  });
});

test.each([500, 503, 429])('%i may pass: it is worth another try', async (status) => {
  fake.faults.push({ status, message: 'later' });
  await expect(propose('git@forge.example:acme/sums.git')).rejects.toMatchObject({
    type: 'ForgeUnavailable',
    nonRetryable: false,
  });
});

test('a forge that is down may pass, too', async () => {
  await fake.close();
  await expect(propose('git@forge.example:acme/sums.git')).rejects.toMatchObject({ type: 'ForgeUnavailable' });
});

test.each([
  ['no JSON', '<html>Sign in</html>'],
  ['no list', '{"pulls": []}'],
  ['a list of odd things', '[null, 1, {"html_url": 7}]'],
  ['more than anybody would read', `["${'x'.repeat(6_000_000)}"]`],
])('an answer that is %s is none of ours, and one is opened', async (_, text) => {
  fake.faults.push({ status: 200, text });
  expect(await propose('git@forge.example:acme/sums.git')).toMatchObject({ outcome: 'open' });
});

test.each(['', 'null', '{"html_url": "javascript:alert(1)", "head": {"ref": "x"}, "base": {"ref": "main"}}'])(
  'a new one of which it says %j is a refusal, and no failure that is tried again',
  async (text) => {
    fake.faults.push({ status: 200, text: '[]' }, { status: 201, text }, { status: 200, text: '[]' });
    expect(await propose('git@forge.example:acme/sums.git')).toEqual({
      outcome: 'refused',
      reason: 'its answer is no pull request',
    });
  },
);

test('where it is shown, its address is a plain one', async () => {
  const pull = { head: { ref: change.branch, repo: { full_name: 'Acme/Sums' } }, base: { ref: 'main' } };
  fake.pulls.push({ ...pull, html_url: 'https://forge.example/a\u001b[2J\n**b**', title: '', body: '' });
  expect(await propose('git@forge.example:acme/sums.git')).toEqual({
    outcome: 'open',
    url: 'https://forge.example/a%1B[2J**b**',
  });
});

test.each<[string, object]>([
  [
    'of a fork, where anybody may give a branch this name',
    { head: { ref: change.branch, repo: { full_name: 'eve/sums' } } },
  ],
  ['of a fork that is gone', { head: { ref: change.branch, repo: null } }],
  ['into another branch', { base: { ref: 'next' } }],
])('a pull request %s is not ours', async (_, more) => {
  const head = { ref: change.branch, repo: { full_name: 'acme/sums' } };
  const theirs = {
    html_url: 'https://forge.example/theirs',
    title: '',
    body: '',
    head,
    base: { ref: 'main' },
    ...more,
  };
  fake.faults.push({ status: 200, text: JSON.stringify([theirs]) });
  expect(await propose('git@forge.example:acme/sums.git')).toEqual({
    outcome: 'open',
    url: expect.stringMatching(/\/acme\/sums\/pull\/1$/),
  });
});

test('a repository that has moved is told, and nothing is sent to where it is said to be', async () => {
  const elsewhere = await startForge();
  const moved = {
    status: 301,
    text: '{"message": "Moved Permanently"}',
    location: `${elsewhere.api}/repos/eve/sums/pulls`,
  };
  fake.faults.push(moved, moved, moved);
  expect(await propose('git@forge.example:acme/sums.git')).toEqual({
    outcome: 'refused',
    reason: '301 Moved Permanently',
  });
  expect(elsewhere.asked).toEqual([]);
  await elsewhere.close();
});
