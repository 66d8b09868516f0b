// Where the cache is, and that two processes may fill it at once.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cached, cacheFolder } from '../../../src/adapters/provision/cache';
import { Meeting } from '../../scenarios/meeting';

const root = mkdtempSync(path.join(tmpdir(), 'cache-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('is where the environment says, else where the sandbox can read it', () => {
  expect(cacheFolder({ MILLWRIGHT_CACHE: '/a/b' }, 0)).toBe('/a/b');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 0)).toBe('/var/cache/millwright');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 1000)).toBe('/x/millwright');
  expect(cacheFolder({}, 1000)).toMatch(/\/\.cache\/millwright$/);
});

test('fills a place once, and of two who fill it at once both get the whole', async () => {
  const cache = path.join(root, 'new', 'cache');
  const both = new Meeting(2);
  let fills = 0;
  const fill = async (folder: string) => {
    fills += 1;
    await both.attend();
    writeFileSync(path.join(folder, 'file'), `${fills}`);
  };
  const places = await Promise.all([cached(cache, 'tool', fill), cached(cache, 'tool', fill)]);
  await cached(cache, 'tool', fill);
  expect(fills).toBe(2);
  expect(new Set(places)).toEqual(new Set([path.join(cache, 'tool')]));
  expect(readdirSync(cache)).toEqual(['tool']);
  expect(readdirSync(places[0]!)).toEqual(['file']);
});

test('can be entered by every user, whatever the umask', async () => {
  const before = process.umask(0o077);
  const place = await cached(path.join(root, 'strict', 'cache'), 'tool', async () => undefined).finally(() =>
    process.umask(before),
  );
  for (const folder of [place, path.dirname(place), path.join(root, 'strict')])
    expect(statSync(folder).mode & 0o777).toBe(0o755);
});

test('leaves nothing when filling fails', async () => {
  const cache = path.join(root, 'failing');
  await expect(cached(cache, 'tool', () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  expect(readdirSync(cache)).toEqual([]);
});
