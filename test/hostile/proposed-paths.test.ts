// Ten thousand paths that a model may propose, and ten thousand changes: what passes the policy is really written, into a
// folder and into git, and lands where it says.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { pathObjection } from '../../src/domain/paths';
import { changeObjections, type Proposed } from '../../src/domain/proposed-files';
import { bare, checkout, commit, fresh, git, ground, tip, worker } from '../adapters/git/ground';

const RUNS = 10_000;

// ── paths, one by one ───────────────────────────────────────────────────────────────────────────────────────────

const plain = [
  'a',
  'src',
  'lib',
  'x.js',
  'README.md',
  '.github',
  '.gitignore',
  'naïve',
  'привет',
  'a b',
  'git',
  'con1',
];
const evil = [
  ...['..', '.', '', '.git', '.GIT', '.giT', '.git ', '.git.', '.git...', '.git::$INDEX_ALLOCATION', '.git\\hooks'],
  ...[
    '.g\u200cit',
    '.gi\u200dt',
    '.\u206agit',
    '\ufeff.git',
    '.git\u00ad',
    'git~1',
    'GIT~1',
    'git~2',
    'GI7EBA~1',
    'PROGRA~1',
  ],
  ...[
    '.gitmodules',
    '.GitModules',
    '.gitmodules ',
    'gitmod~1',
    '.gitattributes',
    'gi7d29~1',
    '.gitconfig',
    '.lfsconfig',
  ],
  ...['.gіt', '.ｇｉｔ', '.gıt', '.hg', '.svn', 'con', 'CON', 'aux.txt', 'nul', 'COM1', 'lpt9.c', 'con .x', 'CONIN$'],
  ...[
    'C:',
    'C:a',
    '\\\\host',
    'a\\..\\b',
    '\0',
    'a\0b',
    'a\nb',
    '\r',
    '\u001b[2J',
    '\u202etxt.js',
    'a\u200b',
    '\u3164',
  ],
  ...[
    '\ud800',
    'a\udfff',
    '\u{e0041}',
    'ﬁ',
    '①',
    'a\u0301',
    'аpp',
    'pаypal',
    '~',
    '*',
    '"',
    '-rf',
    '--import=x',
    'a|b',
    '<a>',
  ],
  ...['\u2028', '\u00a0', '\u3000a', 'x'.repeat(260), 'é'.repeat(130)],
];
const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...plain) },
  { weight: 3, arbitrary: fc.constantFrom(...evil) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...plain), fc.constantFrom(...evil)).map((both) => both.join('')) },
);
const anyPath = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

/** What a system makes of a part that drops what it does not see, knows no case, and cuts at a colon: said once more. */
const asSeen = (one: string) =>
  one
    .normalize('NFKC')
    .replace(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[ .]+$/, '');
const gitsOwn = /^(\.git|git~\d+|\.gitmodules|\.gitattributes|gitmod~\d|gitatt~\d|gi7eba~\d|gi7d29~\d)$/;

describe(`of ${RUNS} paths`, () => {
  const accepted = new Set<string>();
  let refused = 0;
  beforeAll(() => {
    fc.assert(
      fc.property(anyPath, (one) => {
        if (pathObjection(one) === undefined) accepted.add(one);
        else refused += 1;
      }),
      { numRuns: RUNS },
    );
  });

  test('many are refused, and many are not', () => {
    expect(refused).toBeGreaterThan(RUNS / 4);
    expect(accepted.size).toBeGreaterThan(200);
  });

  test('the accepted are written where they say, and nowhere else', () => {
    const folder = fresh('written');
    const outside = readdirSync(ground).sort();
    mkdirSync(folder);
    const places = [...accepted].map((one, at) => `${at}/${one}`);
    for (const one of places) {
      mkdirSync(path.dirname(path.join(folder, one)), { recursive: true });
      writeFileSync(path.join(folder, one), '', { flag: 'wx' });
    }
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const files = found.filter((one) => lstatSync(path.join(folder, one)).isFile());
    expect(new Set(files)).toEqual(new Set(places));
    expect(
      files.filter((one) => realpathSync(path.join(folder, one)) !== path.join(realpathSync(folder), one)),
    ).toEqual([]);
    expect(readdirSync(ground).filter((one) => !outside.includes(one) && !folder.endsWith(one))).toEqual([]);
    expect(found.filter((one) => one.split('/').some((piece) => gitsOwn.test(asSeen(piece))))).toEqual([]);
  });

  test('git itself takes every one into its index, guarding against the names of macOS and of Windows', () => {
    const repository = checkout();
    const blob = git(repository, 'rev-parse', 'HEAD:a.txt');
    const places = [...accepted].map((one, at) => `${at}/${one}`);
    const guards = ['-c', 'core.protectHFS=true', '-c', 'core.protectNTFS=true', '-c', 'core.quotePath=false'];
    const run = (args: string[], input: string) =>
      execFileSync('git', [...guards, ...args], { cwd: repository, input });
    run(['update-index', '-z', '--index-info'], places.map((one) => `100644 ${blob}\t${one}\0`).join(''));
    const held = new Set(run(['ls-files', '-z'], '').toString().split('\0'));
    expect(places.filter((one) => !held.has(one))).toEqual([]);
    run(['write-tree'], '');
    expect(run(['fsck', '--strict', '--no-dangling'], '').toString()).toBe('');
  });

  test('a commit holds exactly these, letter by letter', async () => {
    const repository = bare();
    const on = worker();
    const changes = [...accepted].map((one, at) => ({ path: `${at}/${one}`, content: 'x' }));
    const made = await commit(on, repository, tip(repository), changes);
    const listed = (await on.trees.list(repository, made)).map((entry) => `${entry.mode} ${entry.path}`);
    expect(listed.sort()).toEqual(['100644 a.txt', ...changes.map((change) => `100644 ${change.path}`)].sort());
  });
});

// ── paths together ──────────────────────────────────────────────────────────────────────────────────────────────

const standing = (...paths: string[]) => paths.map((one) => ({ path: one, mode: '100644' }));
const writing = (...paths: string[]): Proposed[] => paths.map((one) => ({ path: one, content: 'x\n' }));
const together = (before: string[], ...paths: string[]) =>
  changeObjections(standing(...before), writing(...paths), new Map());

test(`no change of ${RUNS} puts two files where a system that knows no case has one, or a file where a folder is`, () => {
  const name = fc.constantFrom(
    'a',
    'A',
    'Straße',
    'STRASSE',
    'src',
    'Src',
    'SRC',
    'é',
    'É',
    'b.js',
    'B.JS',
    'ﬀ',
    'ff',
    'σ',
    'Σ',
  );
  const some = fc.uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    { maxLength: 4 },
  );
  const blind = new Intl.Collator('und', { sensitivity: 'accent' });
  const whole = (paths: string[]) =>
    paths.flatMap((one) => one.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/')));
  const nested = (one: string, other: string) => other.startsWith(`${one}/`) || one.startsWith(`${other}/`);
  let passed = 0;
  fc.assert(
    fc.property(some, some, (before, written) => {
      if (together(before, ...written).length > 0) return;
      passed += 1;
      const added = new Set(whole(written).filter((one) => !whole(before).includes(one)));
      const all = whole([...before, ...written]);
      const alike = [...added].filter((one) => all.some((other) => one !== other && blind.compare(one, other) === 0));
      const inside = written.filter((one) => [...before, ...written].some((other) => nested(one, other)));
      if (alike.length + inside.length > 0) throw new Error(`${alike.join()} ${inside.join()}`);
    }),
    { numRuns: RUNS },
  );
  expect(passed).toBeGreaterThan(500);
});

test.each([
  ['case', ['src/App.js'], 'src/app.js'],
  ['case of a folder', ['src/App.js'], 'SRC/other.js'],
  ['a Cyrillic letter', ['a.js'], 'а.js'],
  ['a Greek one', ['o/x.js'], 'ο/x.js'],
])('one that differs from a file of the base by %s alone is refused', (_, before, one) => {
  expect(together(before, one)[0]).toMatch(/^\S+: it is one with ".*" on some systems, or to the eye$/);
});

test('a file may take the place of one that goes, and what the base has of the kind may stay', () => {
  const renamed: Proposed[] = [{ path: 'readme.md', deleted: true }, ...writing('README.md')];
  expect(changeObjections(standing('readme.md'), renamed, new Map())).toEqual([]);
  expect(together(['a.js', 'A.js'], 'a.js')).toEqual([]);
});

test.each([
  ['a file where a folder is', ['src/a.js'], ['src'], 'src: it is a folder'],
  ['a folder where a file is', ['src'], ['src/a.js'], 'src/a.js: "src" is a file, and can hold none'],
  ['both at once', [], ['x', 'x/y'], 'x/y: "x" is a file, and can hold none'],
  ['a repository inside', [], ['HEAD', 'objects/x', 'refs/x', 'config'], 'HEAD: with objects and refs beside it'],
  ['one piece by piece', ['v/objects/x', 'v/refs/refs/y'], ['v/head'], 'v/HEAD: with objects and refs beside it'],
])('%s is refused', (_, before, written, why) => {
  expect(together(before, ...written).join('\n')).toContain(why);
});
