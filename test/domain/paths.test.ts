import fc from 'fast-check';
import { isNamedAsTest, isTestFile, judgesTests, pathObjection } from '../../src/domain/paths';

test.each([
  'src/app.js',
  'a',
  'deep/er/file.test.ts',
  '.github/workflows/ci.yml',
  'git/x',
  'naïve.md',
  '.gitignore',
  'a b/c.txt',
])('%s may be written', (path) => {
  expect(pathObjection(path)).toBeUndefined();
});

test.each([
  '',
  '/etc/passwd',
  '../x',
  'a/../../x',
  './a',
  'a//b',
  'a/',
  'C:/x',
  'a\\b',
  'a\0b',
  '.git/config',
  'x/.GIT/hooks/a',
  '.gitmodules',
  'a/.gitattributes',
  'git~1/x',
  'con',
  'aux.txt',
  'lpt1',
  'a./b',
  'a /b',
  ' a',
  'a\u200b',
  '.g\u200cit/config',
  'ﬁle',
  '\u202etxt.js',
  'x'.repeat(300),
  'a\nb',
])('%j may not', (path) => {
  expect(pathObjection(path)).toEqual(expect.any(String));
});

test('no generated path gets out of the tree, into git, or past the eye', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    '.git',
    '.GiT',
    'con',
    'src',
    '\\',
    '\u200b',
    ' ',
    'C:',
    '.gitmodules',
    'x.js',
    'ﬁ',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('/')),
      (path) => {
        if (pathObjection(path) !== undefined) return;
        expect(path.split('/').every((part) => ['a', 'src', 'x.js'].includes(part))).toBe(true);
      },
    ),
    { numRuns: 10_000 },
  );
});

const named = [
  ...['a.test.js', 'a.spec.tsx', 'a-test.mjs', 'a_spec.cjs', 'a.tests.ts', 'pkg/a_test.go', 'a_spec.rb'],
  ...['tests/test_a.py', 'a_test.py', 'src/SumsTest.java', 'SumsTests.cs'],
];

test.each(named)('%s is named as a test', (path) => {
  expect([isNamedAsTest(path), isTestFile(path)]).toEqual([true, true]);
});

test.each([
  ...['test.js', 'lib/test.cjs', 'spec.ts', 'test-more.mjs', 'app/tests.py', 'test.py', 'conftest.py'],
  ...['test/a.js', 'src/__tests__/a.ts', 'pkg/tests/data.json', 'spec/a.rb', 'specs/a.js', 'e2e/login.ts'],
  ...['__mocks__/fs.js', 'src/__snapshots__/a.snap', 'testdata/in.txt', 'Test/A.cs'],
])('%s may be one, or serves them', (path) => {
  expect([isNamedAsTest(path), isTestFile(path)]).toEqual([false, true]);
});

test.each([
  ...['src/a.js', 'latest.js', 'src/contest.py', 'testing/a.js', 'attest.ts', 'test.md', 'openapi.spec.yaml'],
  ...['src/Latest.java', 'spec.py', 'src/testify.js', 'inspect.js'],
])('%s is none', (path) => {
  expect(isTestFile(path)).toBe(false);
});

test.each([
  ...[
    '.millwright.yaml',
    'conftest.py',
    'a/b/conftest.py',
    'pytest.ini',
    '.pytest.ini',
    'tox.ini',
    'setup.cfg',
    '.npmrc',
  ],
  ...[
    'jest.config.js',
    'web/vitest.config.mts',
    'vitest.workspace.json',
    'jest.setup.ts',
    'karma.conf.js',
    'ava.config.cjs',
  ],
  ...['.mocharc', '.mocharc.yml', 'sitecustomize.py'],
])('%s says how tests are run', (path) => {
  expect(judgesTests(path)).toBe(true);
});

test.each(['package.json', 'pyproject.toml', 'src/jest.js', 'docs/mocha.md', 'src/config.js', 'setup.py'])(
  '%s does not by being there',
  (path) => {
    expect(judgesTests(path)).toBe(false);
  },
);
