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
