import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { AT, bare, checkout, commit, git, place, sound, tip, worker } from './ground';

test('the same commit made in two mirrors has the same SHA', async () => {
  const repository = bare();
  const changes = [
    { path: 'src/é.ts', content: 'export {};\n' },
    { path: 'a.txt', content: 'two\n' },
  ];
  const made = [worker(), worker()].map((on) => commit(on, repository, tip(repository), changes));
  const [first, second] = await Promise.all(made);
  expect(first).toBe(second);
});

test('a commit has the changes, the author, the time and the parents that it was given', async () => {
  const repository = bare({ 'a.txt': 'one\n', 'old/b.txt': 'b\n', 'c.txt': 'c\n' });
  const on = worker();
  const base = tip(repository);
  const side = await commit(on, repository, base, []);
  const changes = [
    { path: 'a.txt', content: 'two\n' },
    { path: 'old/b.txt', deleted: true as const },
    { path: 'never/was.txt', deleted: true as const },
    { path: 'src/deep/new.ts', content: '' },
  ];
  const made = await on.trees.commit({
    repository,
    onto: base,
    parents: [side, base],
    changes,
    message: 'Change it\n\nbecause',
    at: '2026-01-02T04:04:05+01:00',
  });
  expect((await on.trees.list(repository, made)).map((entry) => entry.path)).toEqual([
    ...['a.txt', 'c.txt', 'src/deep/new.ts'],
  ]);
  await on.trees.propose(repository, place, made);
  expect(git(repository, 'log', '-1', '--format=%an <%ae> %aI %cI %P%n%B', made)).toBe(
    `Millwright <millwright@localhost> 2026-01-02T03:04:05+00:00 2026-01-02T03:04:05+00:00 ${side} ${base}\nChange it\n\nbecause`,
  );
  expect(sound(repository)).toBe('');
});

test('a file keeps its mode, and a new one is not executable', async () => {
  const folder = checkout({ 'run.sh': 'true\n' });
  git(folder, 'update-index', '--chmod=+x', 'run.sh');
  git(folder, 'commit', '--quiet', '--message=x');
  const on = worker();
  const changes = ['run.sh', 'new.sh'].map((name) => ({ path: name, content: 'false\n' }));
  const made = await commit(on, folder, tip(folder), changes);
  expect(await on.trees.list(folder, made)).toMatchObject([
    { path: 'new.sh', mode: '100644', bytes: 6 },
    { path: 'run.sh', mode: '100755', bytes: 6 },
  ]);
});

test.each(['../evil', '/etc/passwd', '.git/hooks/pre-commit', 'a/.GIT/config', '.gitattributes', 'a\\..\\b', 'x"\nM'])(
  'the path %j is refused, to write or to delete',
  async (name) => {
    const repository = bare();
    const on = worker();
    for (const change of [
      { path: name, content: 'x' },
      { path: name, deleted: true as const },
    ])
      await expect(commit(on, repository, tip(repository), [change])).rejects.toMatchObject({ type: 'InvalidInput' });
  },
);

function withLinks(): string {
  const folder = checkout({ 'src/a.txt': 'a\n', plain: 'p\n' });
  symlinkSync('/etc', path.join(folder, 'link'));
  git(folder, 'add', 'link');
  git(folder, 'update-index', '--add', '--cacheinfo', `160000,${tip(folder)},module`);
  git(folder, 'commit', '--quiet', '--message=links');
  return folder;
}

test.each([
  ['link', 'it is a symbolic link'],
  ['link/passwd', '"link" is a symbolic link'],
  ['module', 'it is a submodule'],
  ['module/x', '"module" is a submodule'],
  ['plain/x', '"plain" is a file'],
  ['src', 'it is a folder'],
])('writing %s is refused: %s', async (name, reason) => {
  const repository = withLinks();
  const change = { path: name, content: 'x' };
  await expect(commit(worker(), repository, tip(repository), [change])).rejects.toMatchObject({
    type: 'InvalidInput',
    message: `"${name}" cannot be changed: ${reason}`,
  });
});

test('a link may be deleted, a folder and a submodule may not, and nothing is deleted through a link', async () => {
  const repository = withLinks();
  const on = worker();
  const removal = (name: string) => commit(on, repository, tip(repository), [{ path: name, deleted: true }]);
  const paths = async (made: string) => (await on.trees.list(repository, made)).map((entry) => entry.path);
  expect(await paths(await removal('link'))).toEqual(['module', 'plain', 'src/a.txt']);
  expect(await paths(await removal('link/passwd'))).toEqual(['link', 'module', 'plain', 'src/a.txt']);
  await expect(removal('src')).rejects.toMatchObject({ type: 'InvalidInput' });
  await expect(removal('module')).rejects.toMatchObject({ type: 'InvalidInput' });
});

test('a file may become a folder in one commit, but not be both', async () => {
  const repository = bare({ thing: 'x\n' });
  const on = worker();
  const inside = { path: 'thing/a.txt', content: 'a\n' };
  const made = await commit(on, repository, tip(repository), [inside, { path: 'thing', deleted: true }]);
  expect((await on.trees.list(repository, made)).map((entry) => entry.path)).toEqual(['thing/a.txt']);
  const both = commit(on, repository, tip(repository), [
    { path: 'new', content: '' },
    { path: 'new/a', content: '' },
  ]);
  await expect(both).rejects.toMatchObject({ message: expect.stringContaining('"new" is written as a file') });
});

test('a candidate branch is moved wherever it was, also by a worker that never saw it, and withdrawn twice', async () => {
  const repository = bare();
  const [one, two] = [worker(), worker()];
  const branch = 'millwright/shop/m1';
  const first = await commit(one, repository, tip(repository), [{ path: 'a.txt', content: 'first\n' }]);
  const second = await commit(two, repository, tip(repository), [{ path: 'a.txt', content: 'second\n' }]);
  await one.trees.propose(repository, place, first);
  await two.trees.propose(repository, place, second);
  await two.trees.propose(repository, place, second);
  expect(await one.trees.head(repository, branch)).toBe(second);
  expect(await one.trees.read(repository, second, ['a.txt'])).toEqual(new Map([['a.txt', 'second\n']]));
  await one.trees.withdraw(repository, place);
  await two.trees.withdraw(repository, place);
  expect(await two.trees.head(repository, branch)).toBeUndefined();
});

test('a repository that takes no forced push still shows a reworked candidate', async () => {
  const repository = bare();
  git(repository, 'config', 'receive.denyNonFastForwards', 'true');
  const on = worker();
  for (const content of ['first\n', 'second\n']) {
    const made = await commit(on, repository, tip(repository), [{ path: 'a.txt', content }]);
    await on.trees.propose(repository, place, made);
    expect(await on.trees.head(repository, 'millwright/shop/m1')).toBe(made);
  }
});

test('a commit of a given tree is the same from two mirrors', async () => {
  const repository = bare();
  const base = tip(repository);
  const tree = git(repository, 'rev-parse', `${base}^{tree}`);
  const made = [worker(), worker()].map(({ trees }) =>
    trees.commitTree({ repository, tree, parents: [base, base], message: 'Same', at: AT }),
  );
  expect(new Set(await Promise.all(made)).size).toBe(1);
});

test('a commit that nobody has is named as missing', async () => {
  const repository = bare();
  const nowhere = '1'.repeat(40);
  await expect(worker().trees.treeOf(repository, nowhere)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining(nowhere),
  });
  await expect(worker().trees.treeOf(repository, '--all')).rejects.toMatchObject({ type: 'InvalidInput' });
});

test('twenty commits made at once in one mirror are all there', async () => {
  const repository = bare();
  const on = worker();
  const base = tip(repository);
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  const made = await Promise.all(
    numbers.map((number) => commit(on, repository, base, [{ path: `f${number}.txt`, content: `${number}\n` }])),
  );
  const read = await Promise.all(made.map((sha, number) => on.trees.read(repository, sha, [`f${number}.txt`])));
  expect(read.map((files) => [...files.values()][0])).toEqual(numbers.map((number) => `${number}\n`));
  expect(execFileSync('git', ['for-each-ref', 'refs/import'], { cwd: repository }).toString()).toBe('');
});
