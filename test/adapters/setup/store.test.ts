// What is kept of installations, and how what a sandbox hands over becomes files: whole, within its folder, and not too much.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createStore, storeSize } from '../../../src/adapters/setup/store';
import { unpackInto } from '../../../src/adapters/setup/unpack';

const ground = mkdtempSync(path.join(tmpdir(), 'store-'));
afterAll(() => rmSync(ground, { recursive: true, force: true }));
const fresh = () => mkdtempSync(path.join(ground, 'x-'));

describe('the store', () => {
  const LONG_AGO = new Date(Date.now() - 3 * 3_600_000);
  const keep = (root: string, capBytes: number, name: string, bytes: number) =>
    createStore(root, capBytes).fill(name, async (folder) => {
      writeFileSync(path.join(folder, 'file'), name);
      return { packages: 1, bytes, roots: ['node_modules'] };
    });

  test('keeps what was used last, and no more than it may', async () => {
    const root = fresh();
    for (const name of ['a', 'b', 'c']) {
      await keep(root, 100, name, 40);
      utimesSync(path.join(root, name), LONG_AGO, new Date(LONG_AGO.getTime() + 1_000 * name.charCodeAt(0)));
    }
    expect(readdirSync(root)).toEqual(['b', 'c']);
    utimesSync(path.join(root, 'c'), LONG_AGO, LONG_AGO);
    expect(await createStore(root, 100).find('b')).toMatchObject({ packages: 1, bytes: 40 });
    await keep(root, 100, 'd', 40);
    expect(readdirSync(root)).toEqual(['b', 'd']);
    expect(await storeSize(root)).toEqual({ kept: 2, bytes: 80 });
  });

  test('takes nothing away that may be in use', async () => {
    const root = fresh();
    for (const name of ['a', 'b', 'c']) await keep(root, 50, name, 40);
    expect(readdirSync(root)).toEqual(['a', 'b', 'c']);
  });

  test('keeps nothing of an installation that failed or was killed', async () => {
    const root = fresh();
    const store = createStore(root, 100);
    await expect(store.fill('a', () => Promise.reject(new Error('killed')))).rejects.toThrow('killed');
    expect(readdirSync(root)).toEqual([]);
    mkdirSync(path.join(root, '.a-killed/node_modules'), { recursive: true });
    expect(await store.find('a')).toBeUndefined();
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(path.join(root, '.a-killed'), yesterday, yesterday);
    await keep(root, 100, 'b', 1);
    expect(readdirSync(root)).toEqual(['b']);
  });
});

describe('what a sandbox hands over', () => {
  const file = (name: string, content = '', executable = false) =>
    `${JSON.stringify({ path: name, bytes: Buffer.byteLength(content), executable })}\n${content}`;
  const link = (name: string, to: string) => `${JSON.stringify({ path: name, link: to })}\n`;
  const end = (count: number) => `${JSON.stringify({ end: count })}\n`;
  const unpacked = (folder: string, text: string, { limit = 1_000, piece = text.length } = {}) => {
    const unpacking = unpackInto(folder, limit);
    for (let at = 0; at < text.length; at += piece) unpacking.add(Buffer.from(text).subarray(at, at + piece));
    return unpacking.end();
  };

  test.each([1, 7, 1_000])('becomes files and links, in whatever pieces of %i bytes it comes', (piece) => {
    const folder = fresh();
    const text = `${file('node_modules/a/i.js', 'one\ntwo', true)}${file('node_modules/a/empty')}${link('node_modules/.bin/a', '../a/i.js')}${end(3)}`;
    expect(unpacked(folder, text, { piece })).toEqual({ files: 3, bytes: 7 });
    expect(readFileSync(path.join(folder, 'node_modules/.bin/a'), 'utf8')).toBe('one\ntwo');
    expect(statSync(path.join(folder, 'node_modules/a/i.js')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(path.join(folder, 'node_modules/.bin/a'))).toBe('../a/i.js');
  });

  test.each([
    ['a path that leaves it', file('../evil', 'x') + end(1), /is no path in it/],
    ['an absolute path', file('/tmp/evil', 'x') + end(1), /is no path in it/],
    ['a path through itself', file('a/./b', 'x') + end(1), /is no path in it/],
    ['a link that leaves it', link('a/b', '../../etc/passwd') + end(1), /leads out of it/],
    ['an absolute link', link('a', '/etc/passwd') + end(1), /leads out of it/],
    ['a file through a link', link('a', 'b') + file('a/x', 'x') + end(2), /EEXIST/],
    ['the same file twice', file('a', 'x') + file('a', 'y') + end(2), /EEXIST/],
    ['what is cut off', file('a', 'x'), /cut off/],
    ['what is cut off in a file', file('a', 'xyz').slice(0, -1), /cut off/],
    ['fewer than it says', file('a', 'x') + end(2), /1 entries came of 2/],
    ['more after its end', file('a', 'x') + end(1) + file('b', 'x'), /more comes/],
    ['more than may be', file('a', 'x'.repeat(1_001)) + end(1), /larger than 1000/],
    ['a header without an end', 'x'.repeat(9_000), /too long/],
    ['what is no header', 'hello\n', /JSON/],
    ['a device', `${JSON.stringify({ path: 'a', device: 1 })}\n${end(1)}`, /Invalid input/],
  ])('is refused where it has %s', (_, text, words) => {
    const folder = fresh();
    expect(() => unpacked(folder, text)).toThrow(words);
    expect(readdirSync(ground)).not.toContain('evil');
  });
});
