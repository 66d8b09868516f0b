// What is installed is what the lockfile says, from the registry that the operator named, without a script of it; and tests reach neither.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ApplicationFailure } from '@temporalio/common';
import type { FileChange } from '../../src/activities/ports';
import { createSandboxActivities } from '../../src/activities/sandbox';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { atGateway, withGateway } from '../../src/adapters/registries/gateway';
import { createRegistries } from '../../src/adapters/registries/registries';
import { createSetup, setupFolder } from '../../src/adapters/setup/setup';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import type { Tested } from '../../src/domain/tasks';
import { bare, commit, tip, worker } from '../adapters/git/ground';
import { freshCache, inside, ready, sandbox, scratch, settingUp } from '../adapters/setup/setting';
import { useRegistry } from '../registry/registry';

const registry = useRegistry();
const here = () => ({ npm: registry.npm, python: registry.python });
const kept = (cache: string) => readdirSync(setupFolder(cache));

const canary = (by: string) =>
  `node -e "require('fs').writeFileSync(require('path').join(process.cwd(), 'canary-${by}'), '')"`;
const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish'];
/** Somebody on this machine who is not to be reached. */
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));
async function listener(): Promise<{ port: number; visits: number }> {
  const server = createServer((_, response) => response.end('secret'));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const seen = { port: (server.address() as AddressInfo).port, visits: 0 };
  server.on('connection', () => (seen.visits += 1));
  return seen;
}

const plain = { 'index.js': 'module.exports = 7;\n' };

beforeAll(() => {
  const scripts = Object.fromEntries(hooks.map((hook) => [hook, canary(hook)]));
  const binding = {
    'binding.gyp': `{ "targets": [{ "target_name": "x", "type": "none", "actions": [{ "action_name": "x", "inputs": [], "outputs": ["x"], "action": ["touch", "canary-gyp"] }] }] }`,
  };
  registry
    .publish('seven', '1.0.0', plain)
    .publish('busy', '1.0.0', { ...plain, ...binding }, { manifest: { scripts } })
    .publish('other', '6.6.6', plain)
    .publish('spoilt', '1.0.0', plain)
    .wheel('json', '1.0.0', { 'json/__init__.py': 'raise SystemExit(0)\n' })
    .wheel('spoilt', '1.0.0', { 'spoilt.py': '1\n' });
});

test('43: no script of a package runs, by whatever hook, nor of the repository itself', async () => {
  const scripts = Object.fromEntries(hooks.map((hook) => [hook, canary(`own-${hook}`)]));
  const installed = ready(await settingUp(here())(registry.locked({ busy: '1.0.0' }, { scripts })));
  const script =
    "const fs = require('fs'); console.log(fs.readdirSync('node_modules/busy').join(), fs.readdirSync('node_modules').join(), require('busy'))";
  expect((await inside(installed, script)).stdout).toBe('binding.gyp,index.js,package.json busy 7\n');
});

describe('a lockfile that leads elsewhere is refused in words, and npm is not started', () => {
  test.each<[string, object, string]>([
    [
      'to the metadata of a cloud',
      { resolved: 'http://169.254.169.254/seven/-/seven-1.0.0.tgz' },
      'it comes from http://169.254.169.254/',
    ],
    ['to a file', { resolved: 'file:../../etc/passwd' }, 'it comes from file:../../etc/passwd'],
    ['to git', { resolved: 'git+ssh://git@evil.example/seven.git#1234' }, 'it comes from git+ssh://'],
    [
      'to a name that begins like the registry',
      { resolved: 'https://registry.npmjs.org.evil.example/seven/-/seven-1.0.0.tgz' },
      'it comes from https://registry.npmjs.org.evil',
    ],
    [
      'over the registry’s edge',
      { resolved: 'https://registry.npmjs.org/../seven/-/seven-1.0.0.tgz' },
      'it comes from',
    ],
    [
      'to another package',
      { resolved: 'https://registry.npmjs.org/other/-/other-6.6.6.tgz' },
      'is not that of seven@1.0.0',
    ],
    [
      'to another version',
      { resolved: 'https://registry.npmjs.org/seven/-/seven-2.0.0.tgz' },
      'is not that of seven@1.0.0',
    ],
    ['to a folder of this machine', { resolved: '../../etc', link: true }, 'it is a link to ../../etc'],
    ['nowhere', { resolved: undefined }, 'it does not say where it comes from'],
    ['to what nobody can check', { integrity: undefined }, 'it does not say what it must hash to'],
    [
      'to what is checked weakly',
      { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
      'it does not say what it must hash to',
    ],
  ])('%s', async (_, change, words) => {
    const files = registry.locked({ seven: '1.0.0' });
    const lock = JSON.parse(files['package-lock.json']!) as { packages: Record<string, object> };
    lock.packages['node_modules/seven'] = { ...lock.packages['node_modules/seven'], ...change };
    const cache = freshCache();
    const asked = registry.asked.length;
    const found = await settingUp(here(), { cache })({ ...files, 'package-lock.json': JSON.stringify(lock) });
    expect(found).toEqual({ objections: [expect.stringMatching(/^package-lock\.json: seven: /)] });
    expect((found as { objections: string[] }).objections[0]).toContain(words);
    expect(registry.asked).toHaveLength(asked);
    expect(existsSync(setupFolder(cache))).toBe(false);
  });

  test('so is one of an old kind, and one that is none', async () => {
    for (const [lock, words] of [
      ['{"lockfileVersion":1,"dependencies":{}}', 'not of version 2 or 3'],
      ['[', 'no JSON object'],
    ])
      expect(await settingUp(here())({ 'package.json': '{}', 'package-lock.json': lock! })).toEqual({
        objections: [expect.stringContaining(words!)],
      });
  });
});

test('what the repository tells npm in .npmrc goes unheard', async () => {
  const evil = await listener();
  const address = `http://127.0.0.1:${evil.port}/`;
  const npmrc = `registry=${address}\nignore-scripts=false\nnode-options=--require=/box/evil.js\n`;
  const files = { ...registry.locked({ seven: '1.0.0' }), '.npmrc': npmrc, 'evil.js': 'process.exit(1)\n' };
  expect((await inside(ready(await settingUp(here())(files)), "console.log(require('seven'))")).stdout).toBe('7\n');
  expect(evil.visits).toBe(0);
});

test('an archive with another hash is refused by name, and nothing of it is kept', async () => {
  const cache = freshCache();
  const setUp = settingUp(here(), { cache });
  const [npm, python] = [
    registry.locked({ spoilt: '1.0.0', seven: '1.0.0' }),
    { 'requirements.txt': registry.requirements(['spoilt', '1.0.0']) },
  ];
  registry.spoil('spoilt');
  expect(await setUp(npm)).toEqual({
    objections: [
      'package-lock.json: spoilt@1.0.0 is not what the lockfile says: its archive at the registry has another hash',
    ],
  });
  expect(await setUp(python)).toEqual({
    objections: [
      'requirements.txt: spoilt-1.0.0-py3-none-any.whl is not what requirements.txt says: it has another hash at the registry',
    ],
  });
  expect(kept(cache)).toEqual([]);
});

test('42: a package that the registry does not have is refused by name', async () => {
  const files = JSON.stringify(registry.locked({ seven: '1.0.0' })).replaceAll('seven', 'sevenn');
  expect(await settingUp(here())(JSON.parse(files) as Record<string, string>)).toEqual({
    objections: [
      expect.stringMatching(/^package-lock\.json: http:\S+\/npm\/sevenn\/-\/sevenn-1\.0\.0\.tgz is not there \(404\)$/),
    ],
  });
});

test('a registry that is out is waited for, one that lets nobody in is a person’s to open, and its password goes to it alone', async () => {
  const cache = freshCache();
  const files = registry.locked({ seven: '1.0.0' });
  const failure = () =>
    settingUp(here(), { cache })(files).then(
      () => undefined,
      (error: ApplicationFailure) => error,
    );
  registry.out = 503;
  expect(await failure()).toMatchObject({ type: 'RegistryUnavailable', nonRetryable: false });
  registry.out = 401;
  expect(await failure()).toMatchObject({ type: 'CredentialsRefused', nonRetryable: true });
  registry.out = undefined;
  expect(kept(cache)).toEqual([]);
  const npm = registry.npm.replace('http://', 'http://ada:pass-of-ada@');
  const installed = ready(await settingUp({ ...here(), npm }, { cache })(files));
  expect(registry.asked.at(-1)).toMatchObject({ authorization: `Basic ${btoa('ada:pass-of-ada')}` });
  const script =
    "console.log(JSON.stringify(process.env), require('child_process').execSync('grep -rl pass-of-ada node_modules /tmp || true').toString())";
  expect((await inside(installed, script)).stdout).not.toContain('ada');
});

test('45: while it is installed, nothing is reached but packages', async () => {
  const host = await listener();
  const { port } = host;
  const script = `
    const http = require('http'), net = require('net');
    const via = (path, method = 'GET') => new Promise((done) => { const asked = http.request({ socketPath: '/millwright/registries', path, method }, (answer) => { let said = ''; answer.on('data', (part) => said += part).on('end', () => done(answer.statusCode + ' ' + said)) }); asked.on('connect', (answer) => done('CONNECTED ' + answer.statusCode)); asked.on('error', (error) => done(error.code)); asked.end() });
    const direct = (where) => new Promise((done) => net.connect(where).on('connect', () => done('REACHED')).on('error', (error) => done(error.code)));
    (async () => {
      for (const path of JSON.parse(process.argv[2])) console.log(await via(path));
      console.log(await via('127.0.0.1:${port}', 'CONNECT'), await via('/x', 'POST'), await direct({ host: '127.0.0.1', port: ${port} }), await direct({ host: '1.1.1.1', port: 80 }));
      process.exit(0);
    })()`;
  const own = `http://127.0.0.1:${port}`;
  const asked = [
    atGateway(`${own}/`, '/'),
    `/${encodeURIComponent(own)}/x`,
    `${own}/x`,
    '/%ff/x',
    atGateway(`${registry.origin}/private`, '/'),
    atGateway(`${registry.npm}../private`, '/'),
    atGateway(`${registry.npm}%2e%2e/private`, '/'),
  ];
  const registries = await createRegistries({ npm: registry.npm, python: 'https://pypi.org/simple/' })();
  const before = registry.asked.length;
  const said = await withGateway(
    registries,
    () => undefined,
    ({ socket }) =>
      sandbox.withFolder(async (folder) => {
        const run = { command: ['node', '-e', script, 'x', JSON.stringify(asked)], folder };
        return sandbox.run({ ...run, socket: { from: socket, to: '/millwright/registries' } });
      }),
  );
  const lines = said.stdout.trim().split('\n');
  expect(lines.slice(0, -1)).toEqual(
    asked.map(() => expect.stringMatching(/^502 (only packages|.* is at none of the registries)/)),
  );
  expect(lines.at(-1)).not.toMatch(/CONNECTED|REACHED|200/);
  expect({ visits: host.visits, asked: registry.asked.length - before }).toEqual({ visits: 0, asked: 0 });
});

describe('while tests run', () => {
  const { trees, dependencies } = worker();
  const runner = createTestRunner({ sandbox, cache: cacheFolder() });

  async function tested(base: Record<string, string>, files: Record<string, string>): Promise<Tested> {
    const setup = createSetup({
      trees,
      sandbox,
      cache: freshCache(),
      capBytes: 1e9,
      registries: createRegistries(here()),
    });
    const { runTests } = createSandboxActivities({ trees, sandbox, runner, setup, dependencies });
    const repository = bare(base);
    const changes = Object.entries(files).map(([name, content]): FileChange => ({ path: name, content }));
    const candidate = await commit({ trees } as ReturnType<typeof worker>, repository, tip(repository), changes);
    return new MockActivityEnvironment().run(runTests, { repository, base: tip(repository), candidate });
  }

  test('they use what is installed, cannot write there, and reach no registry', async () => {
    const { port } = new URL(registry.origin);
    const hostile = `const test = require('node:test'), assert = require('node:assert'), fs = require('fs'), net = require('net');
      test('seven', async () => {
        assert.strictEqual(require('../src/a').a, 7);
        assert.throws(() => fs.writeFileSync(require.resolve('seven'), ''), { code: 'EROFS' });
        assert.throws(() => fs.statSync('/millwright/registries'));
        await new Promise((done, failed) => net.connect(${port}, '127.0.0.1').on('connect', () => failed(new Error('reached'))).on('error', done));
      });\n`;
    const found = await tested(registry.locked({ seven: '1.0.0' }), {
      'src/a.js': "exports.a = require('seven');\n",
      'test/a.test.js': hostile,
    });
    expect(found).toMatchObject({ green: true, passed: 1, objections: [] });
    expect(found.sandbox).toMatch(/; 1 package as package-lock\.json says$/);
  });

  test('42: what nobody has let in is not even fetched, whatever the run believes', async () => {
    const before = registry.asked.length;
    const found = await tested({ 'src/a.js': '1\n' }, registry.locked({ other: '6.6.6' }));
    expect(found).toMatchObject({
      ...{ green: false, total: 0, objections: ['new dependencies that nobody has approved: npm:other@6.6.6'] },
    });
    expect(registry.asked).toHaveLength(before);
  });

  test('a package that takes a name of Python’s own library does not stand in for it', async () => {
    const base = { 'requirements.txt': registry.requirements(['json', '1.0.0']), 'a.py': 'a = 0\n' };
    const files = {
      'a.py': 'a = 1\n',
      'test_a.py': 'import json\nfrom a import a\n\ndef test_a():\n    assert a == 1 and json.dumps(1) == "1"\n',
    };
    expect(await tested(base, files)).toMatchObject({ green: true, passed: 1 });
  });

  test('what the candidate’s lockfile may not name goes back with the reason, and what the base’s may not is a person’s', async () => {
    const good = registry.locked({ seven: '1.0.0' });
    const bad = {
      ...good,
      'package-lock.json': good['package-lock.json']!.replace(registry.npm, 'http://evil.example/'),
    };
    expect(await tested(good, bad)).toMatchObject({
      green: false,
      cause: 'failing',
      objections: [expect.stringContaining('it comes from http://evil.example/')],
    });
    await expect(tested(bad, { 'a.js': '1\n' })).rejects.toMatchObject({ type: 'DependenciesRefused' });
  });
});

const other = process.getuid?.() === 0 ? test : test.skip;
other('a user without rights installs in the same way', async () => {
  const own = path.join(scratch, 'ordinary');
  mkdirSync(own);
  chmodSync(own, 0o777);
  // As one file, and beside the programs inside: the user may have no way into this checkout.
  const root = path.join(__dirname, '../..');
  for (const file of ['sandbox/inside/probe.mjs', 'setup/inside/install.mjs'])
    cpSync(path.join(root, 'src/adapters', file), path.join(own, 'inside', path.basename(file)));
  const bundle = path.join(own, 'setup.cjs');
  const made = ['--bundle', '--platform=node', `--outfile=${bundle}`, '--log-level=error'];
  execFileSync(path.join(root, 'node_modules/.bin/esbuild'), [path.join(__dirname, 'ordinary-setup.ts'), ...made]);
  const files = {
    ...registry.locked({ seven: '1.0.0' }),
    'requirements.txt': registry.requirements(['json', '1.0.0']),
  };
  const task = JSON.stringify({ registries: here(), files });
  const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, bundle, own, task];
  const env = { PATH: process.env.PATH, HOME: own };
  const { stdout } = await promisify(execFile)('setpriv', as, { cwd: '/', env });
  expect(stdout).toBe('1 package as package-lock.json says; 1 package as requirements.txt says\nfound 7, EROFS\n');
});
