// A lockfile is made for what a manifest asks for, by npm itself, from descriptions: no package is fetched for it.
import { useRegistry } from '../../registry/registry';
import { locking, ready, settingUp } from './setting';

const registry = useRegistry();
const here = () => ({ npm: registry.npm, python: registry.python });

beforeAll(() => {
  registry
    .publish('left-pad', '1.3.0', { 'index.js': 'module.exports = (text, n) => text.padStart(n);\n' })
    .publish('left-pad', '2.0.0', { 'index.js': '' }, { manifest: { peerDependencies: { seven: '^9.0.0' } } })
    .publish('seven', '1.0.0', { 'index.js': 'module.exports = 7;\n' })
    .publish('words', '2.0.0', { 'index.js': '' }, { manifest: { dependencies: { 'left-pad': '^1.0.0' } } })
    // npm would look into its archive for a lockfile of its own.
    .publish('locked', '1.0.0', { 'index.js': '' }, { manifest: { _hasShrinkwrap: true } })
    .publish('astray', '1.0.0', { 'index.js': '' }, { manifest: { dependencies: { x: 'git+ssh://git@host/x.git' } } });
});

const PUBLIC = 'https://registry.npmjs.org/';
type Lock = { packages: Record<string, { version?: string; resolved?: string; integrity?: string }> };

/** A manifest that asks for more than its lockfile has. */
const asking = (more: Record<string, string>, at = registry.npm): Record<string, string> => {
  const files = registry.locked({ seven: '1.0.0' }, {}, at);
  const manifest = JSON.parse(files['package.json']!) as { dependencies: Record<string, string> };
  return {
    ...files,
    'package.json': JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...more } }),
  };
};

const made = async (files: Record<string, string>) => {
  const found = await locking(here())(files);
  if (found === undefined || 'objections' in found) throw new Error(JSON.stringify(found));
  return { ...found, lock: JSON.parse(found.text) as Lock };
};

test('what is asked for is there with all that it brings along, by hash; none of it is fetched, and it can be installed', async () => {
  const files = asking({ words: '^2.0.0' });
  const { lockfile, before, text, lock } = await made(files);
  expect({ lockfile, before }).toEqual({ lockfile: 'package-lock.json', before: files['package-lock.json'] });
  expect(Object.keys(lock.packages).sort()).toEqual([
    '',
    'node_modules/left-pad',
    'node_modules/seven',
    'node_modules/words',
  ]);
  expect(lock.packages['node_modules/left-pad']).toMatchObject({
    ...{ version: '1.3.0', integrity: registry.integrity('left-pad', '1.3.0') },
    resolved: `${registry.npm}left-pad/-/left-pad-1.3.0.tgz`,
  });
  expect(registry.asked.filter(({ url }) => url.endsWith('.tgz'))).toEqual([]);
  expect(ready(await settingUp(here())({ ...files, [lockfile]: text })).words).toBe(
    '3 packages as package-lock.json says',
  );
});

test('packages are named as everybody finds them, where the lockfile does so', async () => {
  const { lock } = await made(asking({ 'left-pad': '1.3.0' }, PUBLIC));
  expect(lock.packages['node_modules/left-pad']!.resolved).toBe(`${PUBLIC}left-pad/-/left-pad-1.3.0.tgz`);
  expect(lock.packages['node_modules/seven']!.resolved).toBe(`${PUBLIC}seven/-/seven-1.0.0.tgz`);
});

test('where nothing else is asked for, the lockfile stays as it is', async () => {
  const { before, text } = await made(asking({}));
  expect(text).toBe(before);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['one that no registry has', { 'left-padd': '1.0.0' }, /^package-lock.json: http.*left-padd is not there \(404\)/],
  ['a version that there is not', { 'left-pad': '^3.0.0' }, /No matching version found for left-pad@\^3.0.0/],
  ['two that do not go together', { 'left-pad': '2.0.0' }, /ERESOLVE|could not resolve/],
  ['what has to be fetched to be known', { locked: '1.0.0' }, /locked-1.0.0.tgz failed/],
  ['what comes from elsewhere', { astray: '1.0.0' }, /package-lock.json: .*(git|host)/],
])('%s is refused with a reason: %j', async (_, more, reason) => {
  const asked = registry.asked.length;
  expect(await locking(here())(asking(more))).toEqual({ objections: [expect.stringMatching(reason)] });
  expect(registry.asked.slice(asked).filter(({ url }) => url.endsWith('.tgz'))).toEqual([]);
});

test('a registry that is out is waited for, and a tree without a lockfile gets none', async () => {
  await expect(locking({ ...here(), npm: 'http://127.0.0.1:9/' })(asking({ words: '2.0.0' }))).rejects.toMatchObject({
    type: 'RegistryUnavailable',
  });
  expect(await locking(here())({ 'package.json': asking({ words: '2.0.0' })['package.json']! })).toBeUndefined();
});
