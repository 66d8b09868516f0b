import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { createGit } from '../../../src/adapters/git/create-git';
import { leastComputed } from '../../quickest';
import { bare, checkout, commit, fresh, git, ground, tip, worker } from './ground';

test('files are read by path; what is missing, binary, too long, a link or not a path is left out', async () => {
  const repository = checkout({ 'a.txt': 'é\n', 'dir/b.txt': 'b', 'bin.dat': 'x\0y', 'long.txt': 'x'.repeat(100) });
  symlinkSync('a.txt', path.join(repository, 'link'));
  git(repository, 'add', 'link');
  git(repository, 'commit', '--quiet', '--message=link');
  const wanted = [
    'a.txt',
    'dir/b.txt',
    'dir',
    'bin.dat',
    'long.txt',
    'link',
    'nope',
    '../a.txt',
    '',
    ':(top)a.txt',
    '*',
  ];
  const read = await worker().trees.read(repository, tip(repository), wanted, 50);
  expect(read).toEqual(
    new Map([
      ['a.txt', 'é\n'],
      ['dir/b.txt', 'b'],
    ]),
  );
});

test('a listing has everything that git lists, in its order, with its sizes', async () => {
  const repository = checkout({
    'a/deep/er/x.txt': 'x',
    'a.txt': 'before the folder a',
    a0: 'behind it',
    'é\t"quoted"\n.txt': '',
    'z/run.sh': '#!/bin/sh\n',
  });
  symlinkSync('a.txt', path.join(repository, 'link'));
  git(repository, 'update-index', '--add', '--cacheinfo', `160000,${tip(repository)},module`);
  git(repository, 'update-index', '--chmod=+x', 'z/run.sh');
  git(repository, 'add', 'link');
  git(repository, 'commit', '--quiet', '--message', 'more');
  const listing = git(repository, 'ls-tree', '-r', '-z', '-l', 'HEAD').split('\0').filter(Boolean);
  const expected = listing.map((line) => {
    const [, mode, sha, bytes, name] = /^(\d+) \w+ (\w+) +(\d+|-)\t([^]*)$/.exec(line)!;
    return { mode, sha, bytes: Number(bytes) || 0, path: name };
  });
  const { trees } = worker();
  expect(expected).toHaveLength(7);
  expect(await trees.list(repository, tip(repository))).toEqual(expected);
  expect(await trees.list(repository, await trees.treeOf(repository, tip(repository)))).toEqual(expected);
});

test.each([
  ['more files than there is room for', 10, 9, 'has more than 1000000 files and folders'],
  ['a wide folder under a thousand names', 1_100, 2, 'has more than 1000000 files and folders'],
  ['folders that are deeper than git goes', 1, 2_050, 'are deeper than 2048'],
])('trees that hold each other, and stand for %s, are refused', async (_, times, levels, reason) => {
  const repository = bare();
  let [sha, mode] = [written(repository, 'blob', Buffer.from('x')), '100644'];
  for (let level = 0; level < levels; level++) {
    const entries = Array.from({ length: times }, (_, at) => [
      `${mode} n${String(at).padStart(4, '0')}\0`,
      Buffer.from(sha, 'hex'),
    ]);
    sha = written(repository, 'tree', Buffer.concat(entries.flat().map((part) => Buffer.from(part))));
    mode = '40000';
  }
  git(repository, 'update-ref', 'refs/heads/main', git(repository, 'commit-tree', sha, '-m', 'a bomb'));
  await expect(worker().trees.list(repository, tip(repository))).rejects.toThrow(reason);
});

/** An object as git stores it by itself. */
function written(repository: string, type: string, content: Buffer): string {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const sha = createHash('sha1').update(whole).digest('hex');
  const file = path.join(repository, 'objects', sha.slice(0, 2), sha.slice(2));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, deflateSync(whole));
  return sha;
}

test('a search finds the very text, with its place, up to the limit', async () => {
  const repository = bare({ 'a.ts': 'x\nfoo.bar()\n', 'b/c.ts': 'fooXbar()\nfoo.bar() again\nfoo.bar()\n' });
  const { trees } = worker();
  const search = (text: string, limit = 10) => trees.search(repository, tip(repository), text, limit);
  expect(await search('foo.bar')).toEqual([
    { path: 'a.ts', line: 2, text: 'foo.bar()' },
    { path: 'b/c.ts', line: 2, text: 'foo.bar() again' },
    { path: 'b/c.ts', line: 3, text: 'foo.bar()' },
  ]);
  expect(await search('foo.bar', 2)).toHaveLength(2);
  expect(await search('--open-files-in-pager=x')).toEqual([]);
  expect(await search('')).toEqual([]);
});

test('a difference is counted and shown; binary files are only named', async () => {
  const repository = bare({ 'a.txt': 'one\n', 'gone.txt': 'x\n' });
  const on = worker();
  const base = tip(repository);
  const made = await commit(on, repository, base, [
    { path: 'a.txt', content: 'one\ntwo\n' },
    { path: 'bin.dat', content: 'x\0y' },
    { path: 'gone.txt', deleted: true },
  ]);
  const { files, patch } = await on.trees.diff(repository, base, made);
  expect(files).toEqual([
    { path: 'a.txt', added: 1, deleted: 0 },
    { path: 'bin.dat', added: 0, deleted: 0 },
    { path: 'gone.txt', added: 0, deleted: 1 },
  ]);
  expect(patch).toContain('@@ -1 +1,2 @@\n one\n+two\n');
  expect(patch).toContain('Binary files /dev/null and b/bin.dat differ');
  expect(await on.trees.diff(repository, base, base)).toEqual({ files: [], patch: '' });
  const one = await on.trees.diff(repository, base, made, [files[0]!.path, '*']);
  expect(one.files).toEqual([files[0]]);
  expect(one.patch.match(/^diff --git/gm)).toHaveLength(1);
});

test('a patch that is too long is cut at a line, and says so', async () => {
  const repository = bare();
  const on = worker();
  const base = tip(repository);
  const content = `${'x'.repeat(79)}\n`.repeat(10_000);
  const { files, patch } = await on.trees.diff(
    repository,
    base,
    await commit(on, repository, base, [{ path: 'big.txt', content }]),
  );
  expect(files).toEqual([{ path: 'big.txt', added: 10_000, deleted: 0 }]);
  expect(patch.length).toBeLessThan(400_200);
  expect(patch).toMatch(/\n\+x{79}\n\[cut: the whole patch is longer than 400000 characters\]\n$/);
});

test('a clean merge is a tree of both; a conflict names its files and shows its markers', async () => {
  const repository = bare({ 'a.txt': 'one\n', 'b.txt': 'b\n' });
  const on = worker();
  const base = tip(repository);
  const ours = await commit(on, repository, base, [{ path: 'a.txt', content: 'ours\n' }]);
  const beside = await commit(on, repository, base, [{ path: 'b.txt', content: 'beside\n' }]);
  const theirs = await commit(on, repository, base, [{ path: 'a.txt', content: 'theirs\n' }]);

  const clean = await on.trees.mergeTree(repository, ours, beside);
  expect(clean.conflicts).toEqual([]);
  expect([...(await on.trees.read(repository, clean.tree, ['a.txt', 'b.txt'])).values()]).toEqual([
    ...['ours\n', 'beside\n'],
  ]);

  const torn = await on.trees.mergeTree(repository, ours, theirs);
  expect(torn.conflicts).toEqual(['a.txt']);
  expect((await on.trees.read(repository, torn.tree, ['a.txt'])).get('a.txt')).toMatch(
    /^<<<<<<< .*\nours\n=======\ntheirs\n>>>>>>> .*\n$/,
  );
});

test('ancestors are told from others', async () => {
  const repository = bare();
  const on = worker();
  const base = tip(repository);
  const made = await commit(on, repository, base, []);
  expect(await on.trees.isAncestor(repository, base, made)).toBe(true);
  expect(await on.trees.isAncestor(repository, made, base)).toBe(false);
});

test('extracting writes plain files with their modes, and neither links nor submodules', async () => {
  const repository = checkout({ 'src/a.txt': 'a\r\n', '.gitattributes': '* text eol=lf\n' });
  git(repository, '-c', 'core.autocrlf=false', 'add', '--chmod=+x', 'src/a.txt');
  symlinkSync('/etc', path.join(repository, 'link'));
  git(repository, 'add', 'link');
  git(repository, 'update-index', '--add', '--cacheinfo', `160000,${tip(repository)},module`);
  git(repository, 'commit', '--quiet', '--message=links');
  const folder = fresh('out');
  await worker().trees.extract(repository, tip(repository), folder);
  expect(lstatSync(path.join(folder, 'src/a.txt')).mode & 0o777).toBe(0o755);
  expect(['link', 'module', '.git'].filter((name) => existsSync(path.join(folder, name)))).toEqual([]);
});

test('extracting can be limited to some files and folders', async () => {
  const repository = bare({ 'a.txt': 'a', 'b/c.txt': 'c', 'b/d.txt': 'd', 'e.txt': 'e' });
  const folder = fresh('out');
  await worker().trees.extract(repository, tip(repository), folder, ['a.txt', 'b', 'b/c.txt', 'nope', '../x']);
  const there = ['a.txt', 'b/c.txt', 'b/d.txt', 'e.txt'].filter((name) => existsSync(path.join(folder, name)));
  expect(there).toEqual(['a.txt', 'b/c.txt', 'b/d.txt']);
});

// Git itself neither makes nor fetches such a tree, so this one is written by hand into the worker's own mirror.
test.each(['..', '.git', '.GIT', 'GIT~1'])('a tree that holds "%s" is not extracted', async (name) => {
  const repository = bare();
  const home = fresh('home');
  const { trees } = createGit({ home });
  await trees.treeOf(repository, tip(repository));
  const mirror = path.join(
    home,
    execFileSync('ls', [home])
      .toString()
      .split('\n')
      .find((file) => file.endsWith('.git'))!,
  );
  const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: mirror, input: 'x' }).toString().trim();
  const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
  const how = ['hash-object', '-w', '--literally', '-t', 'tree', '--stdin'];
  const tree = execFileSync('git', how, { cwd: mirror, input: entry }).toString().trim();
  await expect(trees.extract(repository, tree, fresh('out'))).rejects.toMatchObject({ type: 'InvalidInput' });
});

test('nothing is written over, nor through a link, in the folder', async () => {
  const repository = bare({ 'a.txt': 'a' });
  const folder = checkout({ other: 'x' });
  symlinkSync(path.join(ground, 'target'), path.join(folder, 'a.txt'));
  await expect(worker().trees.extract(repository, tip(repository), folder)).rejects.toThrow('EEXIST');
  expect(existsSync(path.join(ground, 'target'))).toBe(false);
});

test('two thousand files are extracted whole', async () => {
  const repository = bare();
  const on = worker();
  const changes = Array.from({ length: 2_000 }, (_, n) => ({ path: `d${n % 50}/f${n}.txt`, content: `${n}\n` }));
  const made = await commit(on, repository, tip(repository), changes);
  const folder = fresh('out');
  await on.trees.extract(repository, made, folder);
  expect(readFileSync(path.join(folder, 'd49/f1999.txt'), 'utf8')).toBe('1999\n');
  expect(execFileSync('find', [folder, '-type', 'f']).toString().trim().split('\n')).toHaveLength(2_001);
});

test('a file with the bits of an old tree is the file that git takes it for', async () => {
  const repository = bare({ 'a.txt': 'one\n' });
  const blob = Buffer.from(git(repository, 'rev-parse', 'main:a.txt'), 'hex');
  const entries = Buffer.concat([Buffer.from('100664 a.txt\0'), blob, Buffer.from('100775 run.sh\0'), blob]);
  const tree = execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
    ...{ cwd: repository, input: entries },
  })
    .toString()
    .trim();
  git(repository, 'update-ref', 'refs/heads/main', git(repository, 'commit-tree', '-m', 'old', tree));
  const { trees } = worker();
  expect([...(await trees.read(repository, tip(repository), ['a.txt', 'run.sh'])).values()]).toEqual([
    'one\n',
    'one\n',
  ]);
});

test('many paths in many folders are found in a time that grows as they do, each where it is and nowhere beside', async () => {
  const names = Array.from({ length: 2_000 }, (_, at) => `p/f${at}/a.txt`);
  const repository = bare(Object.fromEntries([...names, 'p/f1.txt', 'p.txt'].map((name) => [name, 'x'])));
  const { trees } = worker();
  const asked = [...names, 'p/f1.txt', 'p/f1/a', 'p/f1/a.txt/b', 'p/f10/a.txt', 'p.txt', 'P.txt', 'p/f2000/a.txt'];
  await trees.list(repository, tip(repository));
  const timed = (missing: number) => {
    const more = Array.from({ length: missing }, (_, at) => `p/f${at % 2_000}/n${at}`);
    return leastComputed(async () => {
      const found = await trees.read(repository, tip(repository), [...asked, ...more]);
      expect([...found.keys()].sort()).toEqual([...names, 'p/f1.txt', 'p.txt'].sort());
    });
  };
  expect((await timed(100_000)) / (await timed(10_000))).toBeLessThan(40);
});
