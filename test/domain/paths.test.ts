import fc from 'fast-check';
import { isTestFile, pathObjection } from '../../src/domain/paths';

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

test.each([
  'test/a.js',
  'src/__tests__/a.ts',
  'a.test.js',
  'a.spec.tsx',
  'tests/test_a.py',
  'a_test.py',
  'conftest.py',
  'pkg/tests/data.json',
])('%s is a test file', (path) => {
  expect(isTestFile(path)).toBe(true);
});

test.each(['src/a.js', 'latest.js', 'src/contest.py', 'testing/a.js', 'attest.ts', 'test.md'])('%s is none', (path) => {
  expect(isTestFile(path)).toBe(false);
});
