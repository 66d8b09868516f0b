import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createGit } from '../../../src/adapters/git/create-git';
import { failureOf } from '../../../src/adapters/git/failing';
import { hardenedGit } from '../../../src/adapters/git/git';
import { onDisk } from '../../../src/adapters/full-disk';
import { operatorConfig } from '../../../src/adapters/git/operator';
import { AT, bare, checkout, commit, fresh, git, hook, key, place, proposal, tip, worker } from './ground';

const hooks = ['pre-push', 'reference-transaction', 'post-checkout', 'post-index-change', 'pre-auto-gc', 'post-commit'];

/** A global configuration in which everything that can name a program names the canary. */
function hostileHome(flag: string): string {
  const home = fresh('hostile');
  for (const name of hooks) hook(home, name, `touch ${flag}`);
  const program = path.join(home, 'hooks', hooks[0]!);
  writeFileSync(
    path.join(home, '.gitconfig'),
    `[core]\n hooksPath = ${home}/hooks\n fsmonitor = ${program}\n sshCommand = ${program}\n pager = ${program}\n attributesFile = ${home}/attributes\n` +
      `[filter "x"]\n clean = ${program}\n smudge = ${program}\n required = true\n[diff "x"]\n textconv = ${program}\n command = ${program}\n` +
      `[merge "x"]\n driver = ${program}\n[diff]\n external = ${program}\n[gpg]\n program = ${program}\n[commit]\n gpgSign = true\n` +
      `[url "${home}/"]\n insteadOf = /\n[uploadpack]\n packObjectsHook = ${program}\n`,
  );
  writeFileSync(path.join(home, 'attributes'), '* filter=x diff=x merge=x\n');
  return home;
}

/** Everything that the three ports do, once. */
async function wholeStory(on: ReturnType<typeof worker>, repository: string): Promise<void> {
  const { base } = await on.trees.open(repository);
  const merge = await proposal(on, repository, [{ path: 'b.txt', content: 'b\n' }]);
  const beside = await commit(on, repository, merge.base, [{ path: 'a.txt', content: 'beside\n' }]);
  await on.trees.mergeTree(repository, merge.candidate, beside);
  await on.trees.diff(repository, merge.base, beside);
  await on.trees.search(repository, beside, 'beside', 5);
  await on.trees.extract(repository, beside, fresh('out'));
  await on.trees.propose(repository, place, merge.candidate);
  await on.ledger.saveTurn(repository, key(), 0, 'turn');
  await on.ledger.append({ repository, key: key(), files: [], message: 'Done', at: AT, keeps: [merge.candidate] });
  expect(await on.baseBranch.merge({ ...merge, branch: base })).toMatchObject({ outcome: 'merged' });
  await on.trees.withdraw(repository, place);
}

const untouched = { ...process.env };
afterEach(() => {
  process.env = { ...untouched };
});

test("nothing that the machine's configuration or environment names is ever run", async () => {
  const flag = fresh('flag');
  const home = hostileHome(flag);
  const program = path.join(home, 'hooks', hooks[0]!);
  process.env.HOME = home;
  process.env.GIT_SSH_COMMAND = program;
  process.env.GIT_EXTERNAL_DIFF = program;
  process.env.GIT_ASKPASS = program;
  process.env.GIT_DIR = '/nowhere';
  process.env.GIT_CONFIG_COUNT = '1';
  process.env.GIT_CONFIG_KEY_0 = 'core.fsmonitor';
  process.env.GIT_CONFIG_VALUE_0 = program;
  await wholeStory(worker(), bare({ 'a.txt': 'one\n', '.gitattributes': '* filter=x diff=x merge=x\n' }));
  expect(existsSync(flag)).toBe(false);
});

test('nothing that the tree of a repository names is run, nor what its hooks for working by hand name', async () => {
  const flag = fresh('flag');
  const repository = bare({ 'a.txt': 'one\n', '.gitattributes': '* filter=x diff=x merge=x ident\n' });
  for (const name of ['pre-push', 'post-checkout', 'post-commit', 'post-merge'])
    hook(repository, name, `touch ${flag}`);
  for (const [name, value] of [
    ['filter.x.smudge', `touch ${flag}`],
    ['filter.x.clean', `touch ${flag}`],
    ['diff.x.textconv', `touch ${flag}`],
    ['diff.external', `touch ${flag}`],
    ['merge.x.driver', `touch ${flag}`],
    ['core.fsmonitor', `touch ${flag}`],
  ] as const)
    git(repository, 'config', name, value);
  await wholeStory(worker(), repository);
  expect(existsSync(flag)).toBe(false);
});

test('the keys of the worker are out of reach for the hooks of a repository on the same machine', async () => {
  const repository = bare();
  const seen = fresh('seen');
  hook(repository, 'post-receive', `env > ${seen}`);
  process.env.OPENAI_API_KEY = 'sk-secret';
  await wholeStory(worker(), repository);
  expect(readFileSync(seen, 'utf8')).not.toContain('sk-secret');
});

test("of the operator's configuration, credentials and trusted folders are carried, and nothing else", async () => {
  const home = fresh('operator');
  mkdirSync(home);
  writeFileSync(
    path.join(home, '.gitconfig'),
    '[credential "https://example.com"]\n helper =\n helper = "!tool auth"\n[safe]\n directory = /srv/a\n directory = /srv/b\n' +
      '[alias]\n x = !true\n[core]\n editor = vi\n',
  );
  process.env.HOME = home;
  process.env.GIT_CONFIG_NOSYSTEM = '1';
  const file = await operatorConfig(fresh('home'));
  expect(git(home, 'config', '--file', file, '--list').split('\n')).toEqual([
    'credential.https://example.com.helper=',
    'credential.https://example.com.helper=!tool auth',
    'safe.directory=/srv/a',
    'safe.directory=/srv/b',
  ]);
});

test('a mirror that was lost is made again', async () => {
  const repository = bare();
  const home = fresh('home');
  const on = createGit({ home });
  const before = await on.trees.treeOf(repository, tip(repository));
  for (const name of readdirSync(home)) if (name.endsWith('.git')) rmSync(path.join(home, name), { recursive: true });
  expect(await on.trees.treeOf(repository, tip(repository))).toBe(before);
});

test('a mirror, or a whole home, that somebody cleared is made again by all who work there', async () => {
  const repository = bare();
  const home = fresh('home');
  const [one, two] = [createGit({ home }), createGit({ home })];
  await commit(one, repository, tip(repository), [{ path: 'one.txt', content: '' }]);
  await commit(two, repository, tip(repository), [{ path: 'two.txt', content: '' }]);
  for (const name of readdirSync(home)) if (name.endsWith('.git')) rmSync(path.join(home, name), { recursive: true });
  await one.trees.treeOf(repository, tip(repository));
  const append = (on: typeof one, iteration: number) =>
    on.ledger.append({ repository, key: key({ iteration }), files: [], message: '', at: AT });
  await commit(two, repository, tip(repository), [{ path: 'three.txt', content: '' }]);
  await append(two, 1);
  rmSync(home, { recursive: true });
  await append(one, 2);
  await append(two, 3);
  expect(readdirSync(home)).toContain('operator.gitconfig');
  expect(await one.ledger.entries(repository, place)).toHaveLength(3);
});

const spoiled: readonly [string, (mirror: string) => void][] = [
  ...['HEAD', 'objects', 'refs'].map((part): [string, (mirror: string) => void] => [
    `without ${part}`,
    (mirror) => rmSync(path.join(mirror, part), { recursive: true }),
  ]),
  ['with an empty HEAD', (mirror) => writeFileSync(path.join(mirror, 'HEAD'), '')],
];

test.each(spoiled)('a mirror %s is made again, by all who work there at once', async (_, spoil) => {
  const repository = bare();
  const home = fresh('home');
  const on = createGit({ home });
  const before = await on.trees.treeOf(repository, tip(repository));
  const [mirror] = readdirSync(home).filter((name) => name.endsWith('.git'));
  spoil(path.join(home, mirror!));
  const all = [on, createGit({ home }), createGit({ home })];
  const seen = all.map(({ trees }) => trees.treeOf(repository, tip(repository)));
  expect(await Promise.all(seen)).toEqual(all.map(() => before));
  const made = await commit(on, repository, tip(repository), [{ path: 'b.txt', content: '' }]);
  await on.ledger.append({ repository, key: key(), files: [], message: '', at: AT, keeps: [made] });
  expect(await on.ledger.entries(repository, place)).toHaveLength(1);
  expect(readdirSync(home).filter((name) => name.startsWith(mirror!))).toEqual([mirror]);
});

test('a mirror that is cleared while git works in it is no wrong repository, and no other one is worked in instead', async () => {
  const around = checkout();
  const cleared = path.join(around, 'cleared.git');
  mkdirSync(cleared);
  const here = hardenedGit(fresh('home'));
  for (const how of [here.run, here.ask])
    await expect(how(cleared, ['rev-parse', '--git-dir'])).rejects.toMatchObject({
      type: 'RepositoryUnavailable',
      nonRetryable: false,
    });
});

test('two workers on one folder of mirrors do not disturb each other', async () => {
  const repository = bare();
  const home = fresh('home');
  const workers = [createGit({ home }), createGit({ home })];
  const stories = workers.map(async (on, number) => {
    const made = await commit(on, repository, tip(repository), [{ path: `${number}.txt`, content: '' }]);
    return on.ledger.append({
      repository,
      key: key({ iteration: number }),
      files: [],
      message: '',
      at: AT,
      keeps: [made],
    });
  });
  await Promise.all(stories);
  expect(await workers[0]!.ledger.entries(repository, place)).toHaveLength(2);
});

test('locks that killed processes left in the mirror stop nobody', async () => {
  const repository = checkout();
  const home = fresh('home');
  const on = createGit({ home });
  await on.trees.treeOf(repository, tip(repository));
  const mirror = path.join(
    home,
    readdirSync(home).find((name) => name.endsWith('.git'))!,
  );
  for (const lock of ['refs/heads/main.lock', 'packed-refs.lock']) writeFileSync(path.join(mirror, lock), '');
  git(repository, 'commit', '--quiet', '--allow-empty', '--message=second');
  expect(await on.trees.treeOf(repository, tip(repository))).toMatch(/^[0-9a-f]{40}$/);
  expect(await on.trees.treeOf(repository, await commit(on, repository, tip(repository), []))).toBeDefined();
});

const folder = '/home/mirror.git';
const speaksTo = 'https://ada:secret@example.com/app.git';

test.each([
  ['fatal: write error: No space left on device', 'DiskFull', folder],
  ["fatal: sha1 file 'objects/pack/tmp_pack_jAxgRV' write error. Out of diskspace", 'DiskFull', folder],
  ['remote: fatal: write error: No space left on device', 'DiskFull', 'https://example.com/app.git'],
  ["fatal: could not read Username for 'https://example.com': terminal prompts disabled", 'RepositoryRefused', ''],
  ['git@example.com: Permission denied (publickey).\nfatal: Could not read from remote', 'RepositoryRefused', ''],
  ["remote: Not found\nfatal: repository 'https://example.com/app.git/' not found", 'InvalidInput', ''],
  ['fatal: fsck error in packed object', 'InvalidInput', ''],
  ['fatal: Could not resolve host: example.com', 'RepositoryUnavailable', 'Could not resolve host'],
  ["fatal: unable to access 'https://ada:secret@example.com/': error: 503", 'RepositoryUnavailable', '503'],
])('%j is %s', (said, type, words) => {
  const failure = failureOf({ verb: 'fetch', said, folder, speaksTo });
  expect(failure).toMatchObject({ type, message: expect.stringContaining(words) });
  expect(failure.message).not.toContain('secret');
});

test('a full disk under the worker is named', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  await expect(onDisk('/out', () => Promise.reject(full))).rejects.toMatchObject({
    type: 'DiskFull',
    nonRetryable: false,
    message: expect.stringContaining('/out'),
  });
});
