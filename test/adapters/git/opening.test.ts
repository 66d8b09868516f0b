import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { bare, checkout, fresh, git, ground, sound, tip, worker } from './ground';

test('a path where nothing is becomes a bare repository with a first, empty commit', async () => {
  const repository = path.join(fresh('new'), 'deep', 'app.git');
  const opened = await worker().trees.open(repository);
  expect(opened).toEqual({ base: 'main', head: tip(repository) });
  expect(git(repository, 'ls-tree', 'main')).toBe('');
  expect(git(repository, 'rev-parse', '--is-bare-repository')).toBe('true');
  expect(sound(repository)).toBe('');
});

test('the new repository has the base branch that was asked for', async () => {
  const repository = fresh('new');
  expect(await worker().trees.open(repository, 'develop')).toMatchObject({ base: 'develop' });
  expect(git(repository, 'symbolic-ref', 'HEAD')).toBe('refs/heads/develop');
});

test('opening at once from many workers, and again, is opening once', async () => {
  const repository = fresh('new');
  const workers = Array.from({ length: 5 }, worker);
  const opened = await Promise.all(workers.map(({ trees }) => trees.open(repository)));
  expect(new Set(opened.map(({ head }) => head))).toEqual(new Set([tip(repository)]));
  expect(await worker().trees.open(repository)).toEqual(opened[0]);
  expect(git(repository, 'rev-list', '--count', '--all')).toBe('1');
  expect(readdirSync(path.dirname(repository)).filter((name) => name.startsWith('new-') && name.includes('.'))).toEqual(
    [],
  );
});

test.each([
  ['a bare repository', bare],
  ['a checkout', checkout],
])('%s is opened on its own branch, and its URL is as good as its path', async (_, make) => {
  const repository = make();
  const { trees } = worker();
  expect(await trees.open(repository)).toEqual({ base: 'main', head: tip(repository) });
  expect(await trees.open(`file://${repository}`)).toEqual({ base: 'main', head: tip(repository) });
});

test('a file URL of nothing is refused, and nothing is made there: only a plain path is', async () => {
  const repository = path.join(fresh('mistyped'), 'app.git');
  await expect(worker().trees.open(`file://${repository}`)).rejects.toMatchObject({
    type: 'InvalidInput',
    nonRetryable: true,
    message: expect.stringMatching(/^file:\/\/.*app\.git: there is nothing; .* give the path: \/.*app\.git$/),
  });
  expect(existsSync(path.dirname(repository))).toBe(false);
});

test('a linked worktree is opened as the repository it belongs to', async () => {
  const repository = checkout();
  const linked = fresh('linked');
  git(repository, 'worktree', 'add', '--quiet', '-b', 'side', linked);
  expect(await worker().trees.open(linked, 'main')).toEqual({ base: 'main', head: tip(repository) });
});

test('a repository without a commit gets an empty one on the branch that its HEAD names', async () => {
  const repository = fresh('unborn');
  git(ground, 'init', '--quiet', '--initial-branch=trunk', repository);
  const opened = await worker().trees.open(repository);
  expect(opened).toEqual({ base: 'trunk', head: tip(repository, 'HEAD') });
  expect(git(repository, 'status', '--short')).toBe('');
});

test('a missing base branch is named, beside the branches there are', async () => {
  const repository = checkout();
  git(repository, 'branch', 'release');
  await expect(worker().trees.open(repository, 'develop')).rejects.toMatchObject({
    type: 'InvalidInput',
    nonRetryable: true,
    message: expect.stringMatching(/no branch "develop".*main, release/),
  });
});

test('a detached checkout asks for a branch by name', async () => {
  const repository = checkout();
  git(repository, 'checkout', '--quiet', '--detach');
  await expect(worker().trees.open(repository)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining('name one as the base of: main'),
  });
});

test('a folder that is no repository is refused and left as it was', async () => {
  const folder = fresh('folder');
  await mkdir(folder);
  await expect(worker().trees.open(folder)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining('not a git repository'),
  });
  expect(existsSync(path.join(folder, 'HEAD'))).toBe(false);
});

test.each([
  ['with a commit', true],
  ['without one', false],
])('a repository %s whose objects are named by SHA-256 is refused by that name', async (_, begun) => {
  const repository = fresh('sha256');
  git(ground, 'init', '--quiet', '--object-format=sha256', '--initial-branch=main', repository);
  if (begun) git(repository, 'commit', '--quiet', '--allow-empty', '--message=first');
  await expect(worker().trees.open(repository)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/names its objects by SHA-256/),
  });
});

test('a path under a file is refused', async () => {
  const repository = checkout();
  const opening = worker().trees.open(path.join(repository, 'a.txt', 'app.git'));
  await expect(opening).rejects.toMatchObject({ type: 'InvalidInput' });
});

test('a server that does not answer is tried again later', async () => {
  const opening = worker().trees.open('https://ada@127.0.0.1:1/app.git');
  const failure = (await opening.catch((error: unknown) => error)) as Error;
  expect(failure).toMatchObject({ type: 'RepositoryUnavailable', nonRetryable: false });
  expect(failure.message).toContain('127.0.0.1');
});
