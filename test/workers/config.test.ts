// The settings of a worker: what is refused at the door.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/workers/config';

const own = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(own, { recursive: true }));

test('without a folder of the user, the definitions are the shipped ones', () => {
  const shipped = join(__dirname, '../..');
  expect(readConfig({ HOME: own }).definitions).toEqual({ shipped });
  expect(readConfig({ HOME: own, MILLWRIGHT_CONFIG: '' }).definitions).toEqual({ shipped });
});

test.each([
  ['is not there', join(own, 'nowhere'), /expected a folder with pipelines, agents, models\.yaml/],
  ['has nothing of what it is for', own, /expected a folder with pipelines, agents, models\.yaml/],
  ['means another place to each worker', 'mill', /expected the whole path/],
])('a folder that %s is refused', (_, folder, words) => {
  expect(() => readConfig({ HOME: own, MILLWRIGHT_CONFIG: folder })).toThrow(words);
});

test('a folder with pipelines, or agents, or models is taken', () => {
  mkdirSync(join(own, 'mine/agents'), { recursive: true });
  const folder = join(own, 'mine');
  expect(readConfig({ HOME: own, MILLWRIGHT_CONFIG: folder }).definitions.own).toBe(folder);
});

test('the number of test runs at once is the operator’s to say', () => {
  expect(readConfig({ MILLWRIGHT_TEST_RUNS: '3' }).testRuns).toBe(3);
  expect(readConfig({ MILLWRIGHT_TEST_RUNS: '' }).testRuns).toBeUndefined();
  expect(readConfig({}).testRuns).toBeUndefined();
});

test.each(['0', '-1', '1.5', 'many', '1000'])('and %s is none', (said) => {
  const reading = () => readConfig({ MILLWRIGHT_TEST_RUNS: said });
  expect(reading).toThrow(/expected a whole number from 1 to 999\s+→ at MILLWRIGHT_TEST_RUNS/);
});

test.each([
  ['a token of two lines', { MILLWRIGHT_FORGE_TOKEN: 'hidden\nwords' }],
  ['a token with a mark that cannot be sent', { MILLWRIGHT_FORGE_TOKEN: 'hidden\u200b' }],
  ['a password in the address', { MILLWRIGHT_FORGE_API: 'https://ada:hidden@forge.example/api' }],
  ['a user in the address', { MILLWRIGHT_FORGE_API: 'https://hidden@forge.example/api' }],
  ['an address that is none', { MILLWRIGHT_FORGE_API: 'hidden' }],
])('of a forge, %s is refused and not repeated', (_, said) => {
  expect(() => readConfig({ MILLWRIGHT_FORGE_TOKEN: 'x', ...said })).toThrow(/^(?![^]*hidden)[^]*MILLWRIGHT_FORGE_/);
});

test('a line end after a token is none of it', () => {
  expect(readConfig({ MILLWRIGHT_FORGE_TOKEN: 'abc\n' }).forge).toEqual({
    ...{ host: 'github.com', api: 'https://api.github.com', token: 'abc' },
  });
});

test('the list of those who sign is named by its whole path, and nobody signs by default', () => {
  expect(readConfig({ HOME: own }).allowedSigners).toBeUndefined();
  expect(readConfig({ HOME: own, MILLWRIGHT_ALLOWED_SIGNERS: '/etc/signers' }).allowedSigners).toBe('/etc/signers');
  expect(() => readConfig({ HOME: own, MILLWRIGHT_ALLOWED_SIGNERS: 'signers' })).toThrow(/expected the whole path/);
});

test('what a repository depends on is installed, unless the operator says otherwise', () => {
  expect(readConfig({ HOME: own }).install).toMatchObject({ capBytes: 10 * 1024 ** 3 });
  expect(readConfig({ HOME: own, MILLWRIGHT_INSTALLED_GIB: '3' }).install).toMatchObject({ capBytes: 3 * 1024 ** 3 });
  expect(readConfig({ HOME: own, MILLWRIGHT_INSTALL: 'off' }).install).toBe(false);
});

test('workers have no versions, unless the operator names a deployment', () => {
  expect(readConfig({ HOME: own }).deployment).toBeUndefined();
  expect(readConfig({ HOME: own, MILLWRIGHT_DEPLOYMENT: 'mill' }).deployment).toEqual({ name: 'mill' });
  const named = readConfig({ HOME: own, MILLWRIGHT_DEPLOYMENT: 'mill', MILLWRIGHT_BUILD: '1.2' });
  expect(named.deployment).toEqual({ name: 'mill', build: '1.2' });
});

test.each([
  ['MILLWRIGHT_INSTALL', 'perhaps'],
  ['MILLWRIGHT_DEPLOYMENT', 'mill.hidden'],
  ['MILLWRIGHT_BUILD', 'hidden one'],
  ['MILLWRIGHT_NPM_REGISTRY', 'ftp://hidden.example/'],
  ['MILLWRIGHT_PYTHON_INDEX', 'hidden'],
  ['MILLWRIGHT_REGISTRY_HOSTS', 'https://hidden.example/'],
  ['MILLWRIGHT_INSTALLED_GIB', '0'],
  ['MILLWRIGHT_METRICS', 'http://127.0.0.1/metrics'],
])('of that, %s of "%s" is refused', (name, said) => {
  expect(() => readConfig({ HOME: own, [name]: said })).toThrow(new RegExp(`^(?![^]*hidden)[^]*${name}`));
});

test('registries are the operator’s, by default the public ones’ or npm’s and pip’s own; a password is no part of what is shown', async () => {
  const config = readConfig({
    MILLWRIGHT_NPM_REGISTRY: 'https://ada:pass@npm.example/team',
    MILLWRIGHT_PYTHON_INDEX: 'https://py.example/simple/',
    MILLWRIGHT_REGISTRY_HOSTS: 'files.example, cdn.example:8443',
  });
  if (config.install === false) throw new Error('off');
  expect(await config.install.registries()).toEqual({
    npm: 'https://npm.example/team/',
    python: 'https://py.example/simple/',
    routes: [
      { below: 'https://npm.example/team/', authorization: `Basic ${btoa('ada:pass')}` },
      { below: 'https://py.example/' },
      { below: 'https://files.example/' },
      { below: 'https://cdn.example:8443/' },
    ],
  });
});
