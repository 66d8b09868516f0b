// Whatever files a model proposes: none lands outside the repository, on git's own files or on another file, none is
// larger than a person could read, and what is refused is refused by path and rule and leaves nothing behind.
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { proposeChange, proposeDeployment, proposeSuite } from '../../src/activities/change';
import { changeObjections, treeObjections } from '../../src/domain/proposed-files';
import { bare, checkout, commit, fresh, git, tip, worker } from '../adapters/git/ground';
import { createDependencies } from '../../src/adapters/dependencies';
import { createGit } from '../../src/adapters/git/create-git';
import { ask, changeOf } from './asked';

const standing = (...paths: string[]) => paths.map((one) => ({ path: one, mode: '100644' }));

// ── through what the base has ───────────────────────────────────────────────────────────────────────────────────

describe('where the base has links and submodules', () => {
  const folder = checkout({ 'a.txt': 'one\n', 'real/b.txt': 'b\n' });
  const link = (name: string, to: string) => {
    const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: folder, input: to }).toString().trim();
    git(folder, 'update-index', '--add', '--cacheinfo', `120000,${blob},${name}`);
  };
  link('link', '/etc');
  link('deploy', '../../..');
  link('passwd', '/etc/passwd');
  git(folder, 'update-index', '--add', '--cacheinfo', `160000,${tip(folder)},module`);
  git(folder, 'commit', '--quiet', '--message=links');
  const { trees } = worker();
  const at = {
    trees,
    dependencies: createDependencies(trees),
    repository: folder,
    base: tip(folder),
    start: tip(folder),
  };

  test.each([
    [
      { 'link/cron.d/x': 'x\n' },
      [],
      'link/cron.d/x: "link" is a link or a submodule, and nothing is written through it',
    ],
    [{ 'module/x.js': 'x\n' }, [], 'module/x.js: "module" is a link or a submodule, and nothing is written through it'],
    [{ passwd: 'root\n' }, [], 'passwd: it is a link or a submodule, and stays one'],
    [{ 'link/x': 'x\n' }, ['link'], 'link/x: "link" is a link or a submodule, and nothing is written through it'],
    [{ 'Link/x': 'x\n' }, [], 'Link: it is one with "link" on some systems, or to the eye'],
    [{}, ['link'], 'link: there is no such file to remove'],
  ])('%j is not written through them', async (files, deletions, why) => {
    const { changes, objections } = await proposeChange(at, changeOf(files, deletions) as never);
    expect(changes).toEqual([]);
    expect(objections).toContain(why);
  });

  test('nor is a plan for deployment', async () => {
    const plan = {
      summary: '',
      confidence: 1,
      dockerfile: '',
      deployment_config: 'x',
      environment_variables: [],
      deploy_instructions: [],
    };
    const { objections } = await proposeDeployment(at, plan);
    expect(objections[0]).toMatch(/^deploy\/compose\.yaml: "deploy" is a link/);
  });
});

test.each(['120000', '160000', '040000', '100664', '104755'])(
  'a tree with a new entry of mode %s is not merged',
  (mode) => {
    const [found] = treeObjections(standing('a'), [...standing('a'), { path: 'b', mode }], ['b']);
    expect(found).toEqual({ path: 'b', objection: `its mode is ${mode}, and it is no plain file` });
  },
);

test('nor is one with a path that nobody may propose, whoever put it there', () => {
  const after = standing('a', '.gitattributes', 'A');
  const found = treeObjections(standing('a'), after, ['.gitattributes', 'A']).map((one) => one.path);
  expect(found).toEqual(['.gitattributes', 'A']);
});

// ── what they hold ──────────────────────────────────────────────────────────────────────────────────────────────

const lines = (chars: number) => 'a line of some forty characters or so..\n'.repeat(Math.ceil(chars / 40));
const holding = (content: string, before?: string) =>
  changeObjections(standing('x'), [{ path: 'x', content }], new Map(before === undefined ? [] : [['x', before]]));

test.each([
  ['a line of a megabyte', 'x'.repeat(1_000_000), /^x: longer than 400000 characters$/],
  [
    'a line that nobody reads to its end',
    'x'.repeat(390_000),
    /^x: it has a line of 390000 characters; at most 20000$/,
  ],
  ['a file that is too long', lines(400_001), /^x: longer than 400000 characters$/],
  ['zero bytes', 'a\0b', /^x: not a text$/],
  ['what is binary without them', '\u0089PNG\r\n\u001a', /^x: not a text$/],
  ['half a character', 'a\ud800b', /^x: not a text$/],
  ['an escape sequence', '// \u001b[8mhidden\u001b[0m', /^x: not a text$/],
  ['text that runs backwards', 'if (a) { \u202e } ', /^x: it has a character that a reader does not see \(U\+202E\)/],
  [
    'text in tags',
    `ok ${[...'merge'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')}`,
    /U\+E006D/,
  ],
  ['a letter that is not drawn', 'const \u3164 = 1;', /U\+3164/],
  ['a return that overwrites the line', 'evil()\r// fine', /U\+000D/],
])('%s is refused', (_, content, why) => {
  expect(holding(content)).toEqual([expect.stringMatching(why)]);
});

test('what a file has of it already is not held against an edit, and common text is fine', () => {
  expect(holding('a\u202eb and more', 'a\u202eb')).toEqual([]);
  expect(holding(`${'y'.repeat(30_000)}\nmore`, 'y'.repeat(30_000))).toEqual([]);
  expect(holding('a\r\nb\tc 👩‍💻 é نص עברית\f\n')).toEqual([]);
});

test('a change is bounded as a whole, in files and in characters', async () => {
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`src/${at}.js`, '']));
  const repository = bare();
  const { trees } = worker();
  const at = {
    trees,
    dependencies: createDependencies(trees),
    repository,
    base: tip(repository),
    start: tip(repository),
  };
  expect((await proposeChange(at, changeOf(many) as never)).objections).toEqual([
    '50000 files in one answer; at most 200',
  ]);
  const large = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`src/${n}.js`, lines(390_000)]));
  expect((await proposeChange(at, changeOf(large) as never)).objections).toEqual([
    expect.stringMatching(/^23\d{5} characters in one answer; at most 2000000$/),
  ]);
  const evils = await proposeChange(
    at,
    changeOf(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`../${n}`, '']))) as never,
  );
  expect(evils.objections).toHaveLength(31);
  const twice = { ...changeOf({ 'a.js': '1\n' }), deletions: ['a.txt', 'a.txt'] };
  expect((await proposeChange(at, twice as never)).objections).toContain('a.txt: it is there twice in one answer');
});

// ── what a refusal leaves ───────────────────────────────────────────────────────────────────────────────────────

/** Every file of the folders, with its size: objects, refs, locks and whatever else there is. */
const everything = (...folders: string[]) =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (one) => `${one} ${lstatSync(path.join(folder, one)).size}`,
    ),
  );

test('a refused proposal leaves no object, no ref and no file, whoever refuses it', async () => {
  const repository = bare();
  const home = fresh('home');
  const on = createGit({ home });
  const base = tip(repository);
  const at = { trees: on.trees, dependencies: createDependencies(on.trees), repository, base, start: base };
  await on.trees.list(repository, base);
  const before = everything(repository, home);
  for (const one of ['../x', '.git/hooks/post-checkout', 'a.txt/b', 'A.TXT']) {
    const { changes, objections } = await proposeChange(at, changeOf({ 'good.js': 'x\n', [one]: 'x\n' }) as never);
    expect([changes, objections.length > 0]).toEqual([[], true]);
    const suite = { summary: '', confidence: 1, cases: [], deletions: [], files: [{ path: one, content: 'x' }] };
    expect((await proposeSuite(at, suite)).changes).toEqual([]);
  }
  for (const one of ['../x', '.git/hooks/post-checkout', 'a.txt/b'])
    await expect(
      commit(on, repository, base, [
        { path: 'good.js', content: 'x' },
        { path: one, content: 'x' },
      ]),
    ).rejects.toThrow(/cannot be changed/);
  expect(everything(repository, home)).toEqual(before);
});

test('an agent that insists is blocked with path and rule, has no work to show, and a person is asked', async () => {
  const repository = bare();
  const { handoff, heard } = await ask({
    repository,
    writes: 'Change',
    says: [changeOf({ 'x/.git/hooks/pre-commit': '#!/bin/sh\n' })],
  });
  expect(handoff).toMatchObject({ status: 'blocked', cause: 'invalid-answer' });
  expect(handoff.summary).toContain(`"x/.git/hooks/pre-commit": ".git" is git's own`);
  expect(handoff.facts.work).toBeUndefined();
  expect(heard).toHaveLength(3);
  expect(heard[1]!.messages.at(-1)!.content).toContain(`".git" is git's own`);
});
