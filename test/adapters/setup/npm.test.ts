// What a package-lock.json says is installed once, whole, without a script of it, and lies where tests look for it.
import { useRegistry } from '../../registry/registry';
import { freshCache, inside, ready, settingUp } from './setting';

const registry = useRegistry();
const here = () => ({ npm: registry.npm, python: registry.python });
const program = '#!/usr/bin/env node\nconsole.log("ran")\n';

beforeAll(() => {
  registry
    .publish('left-pad', '1.3.0', { 'index.js': 'module.exports = (text, n) => text.padStart(n);\n' })
    .publish(
      '@scope/words',
      '2.0.0',
      { 'index.js': "exports.all = require('left-pad')('x', 3);\n", 'cli.js': program },
      { manifest: { dependencies: { 'left-pad': '^1.0.0' }, bin: { words: 'cli.js' } } },
    );
});

test('packages are found where tests look, with their programs, and cannot be changed there', async () => {
  const setUp = settingUp(here());
  const installed = ready(await setUp(registry.locked({ '@scope/words': '2.0.0', 'left-pad': '1.3.0' })));
  expect(installed.words).toBe('2 packages as package-lock.json says');
  const { stdout, stderr } = await inside(
    installed,
    `const fs = require('fs');
     const tried = (attempt) => { try { attempt(); return 'DID' } catch (error) { return error.code } };
     console.log(require('@scope/words').all, tried(() => fs.writeFileSync('node_modules/left-pad/index.js', '')),
       tried(() => fs.writeFileSync('node_modules/evil.js', '')), tried(() => fs.rmSync('node_modules/left-pad', { recursive: true })));
     console.log(require('child_process').execFileSync('node_modules/.bin/words').toString())`,
  );
  expect(stderr + stdout).toBe('  x EROFS EROFS EROFS\nran\n\n');
});

test('what was installed once is there at once, and for another lockfile it is installed anew', async () => {
  const setUp = settingUp(here());
  const one = registry.locked({ 'left-pad': '1.3.0' });
  const first = ready(await setUp(one));
  const asked = registry.asked.length;
  expect(ready(await setUp({ ...one, 'src/a.js': '1\n' })).mounts).toEqual(first.mounts);
  expect(registry.asked).toHaveLength(asked);
  expect(ready(await setUp(registry.locked({ 'left-pad': '1.3.0' }, { version: '2.0.0' }))).mounts).not.toEqual(
    first.mounts,
  );
});

test('two workers with one cache install it beside each other, and each has it whole', async () => {
  const cache = freshCache();
  const files = registry.locked({ '@scope/words': '2.0.0', 'left-pad': '1.3.0' });
  const both = await Promise.all([1, 2].map(() => settingUp(here(), { cache })(files)));
  for (const installed of both)
    expect((await inside(ready(installed), "console.log(require('@scope/words').all)")).stdout).toBe('  x\n');
});

test('the packages of a workspace are those of the repository itself', async () => {
  const locked = registry.locked({ 'left-pad': '1.3.0' }, { workspaces: ['packages/a'] });
  const lock = JSON.parse(locked['package-lock.json']!) as { packages: Record<string, object> };
  lock.packages['node_modules/a'] = { resolved: 'packages/a', link: true };
  lock.packages['packages/a'] = { version: '1.0.0' };
  const own = {
    'package-lock.json': JSON.stringify(lock),
    'packages/a/package.json': '{"name":"a","version":"1.0.0"}',
  };
  const installed = ready(await settingUp(here())({ ...locked, ...own }));
  const script =
    "const fs = require('fs'); console.log(fs.readlinkSync('node_modules/a'), require('left-pad')('x', 2))";
  expect((await inside(installed, script)).stdout).toBe('../packages/a  x\n');
});

test.each<[string, Record<string, string>, string]>([
  ['without any manifest', { 'a.txt': 'a' }, ''],
  ['with a manifest that needs nothing', { 'package.json': '{"name":"shop","dependencies":{}}' }, ''],
  [
    'with a manifest and no lockfile',
    { 'package.json': '{"dependencies":{"left-pad":"1"}}' },
    'nothing of package.json is installed: there is no package-lock.json',
  ],
  [
    'with the lockfile of another program',
    { 'package.json': '{"dependencies":{"left-pad":"1"}}', 'yarn.lock': '# yarn\n' },
    "nothing of yarn.lock is installed: npm's package-lock.json is what is understood",
  ],
  [
    'with its packages in itself',
    { 'package-lock.json': '{}', 'node_modules/a/index.js': '1\n' },
    'node_modules as the repository has it',
  ],
])('a tree %s costs nothing, and says what is left out', async (_, files, words) => {
  const asked = registry.asked.length;
  expect(await settingUp({ npm: 'http://127.0.0.1:9/' })(files)).toEqual({ mounts: [], environment: {}, words });
  expect(registry.asked).toHaveLength(asked);
});
