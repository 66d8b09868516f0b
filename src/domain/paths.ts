// The one policy for paths that a model proposes, and the one answer to "is this a test?" and "does this say how tests are run?".

import { seenAlike } from './look-alikes';

const PATH_LIMIT_CHARS = 240;
const PART_LIMIT_BYTES = 255;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$|clock\$) *(\.|$)/i;
// Git, or a tool that reads the tree, acts on these by their mere presence.
const acting = new Set([
  ...['.git', '.gitmodules', '.gitattributes', '.gitconfig', '.lfsconfig'],
  ...['.hg', '.hgsub', '.hgsubstate', '.svn', '.bzr', '.jj'],
]);
// Controls, marks that reorder or hide, halves of characters, and every space but the plain one.
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )\p{Z}/u;

/** Why this path may not be written, or undefined where it may. */
export function pathObjection(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (path.length > PATH_LIMIT_CHARS) return `the path is longer than ${PATH_LIMIT_CHARS} characters`;
  if (unseen.test(path)) return 'the path has invisible characters';
  if (path !== path.normalize('NFKC')) return 'the path is not in its plain Unicode form';
  if (/[\\:*?"<>|]/.test(path)) return 'the path has a character that not every system allows';
  if (path.startsWith('/')) return 'the path is absolute';
  return path.split('/').map(partObjection).find(Boolean);
}

function partObjection(part: string): string | undefined {
  if (part === '' || part === '.' || part === '..')
    return 'the path does not stay inside the repository in plain steps';
  if (/[ .]$/.test(part) || part.startsWith(' '))
    return 'a part of the path begins or ends with a space, or ends with a dot';
  if (new TextEncoder().encode(part).length > PART_LIMIT_BYTES)
    return `a part of the path is longer than ${PART_LIMIT_BYTES} bytes`;
  if (part.startsWith('-')) return 'a part of the path begins with a dash, and would pass for an option';
  if (acting.has(seenAlike(part))) return `"${part}" is git's own`;
  if (/^[^.]{1,7}~\d+(\.|$)/.test(part)) return `"${part}" is how some systems call another file in short`;
  if (reserved.test(part)) return `"${part}" is a device's name on some systems`;
  return mixesAlphabets(part) ? `"${part}" mixes alphabets that look alike` : undefined;
}

const latin = /\p{Script=Latin}/u;
const likeLatin = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;
const mixesAlphabets = (part: string): boolean =>
  (part.match(/\p{L}+/gu) ?? []).some((word) => latin.test(word) && likeLatin.test(word));

const script = '[cm]?[jt]sx?';
const namedAsTest = new RegExp(
  [
    `[._-](tests?|specs?)\\.${script}$`,
    '^test_.*\\.py$',
    '_(test|spec)\\.(py|go|rb|exs|dart|php|rs|c|cc|cpp)$',
    '[a-z0-9](Test|Tests|Spec)\\.(java|kt|scala|groovy|cs|swift|php)$',
  ].join('|'),
);
// What node --test, Django and others take for tests as well: there, not every file of such a name is one.
const mayBeTest = new RegExp(`^(tests?|specs?)\\.${script}$|^test-.*\\.${script}$|^(conftest|tests?)\\.py$`);
const testFolder = /^(tests?|specs?|e2e|testdata|__(tests|mocks|fixtures|snapshots)__)$/i;

/** A test by its name alone: something has to run it. */
export const isNamedAsTest = (path: string): boolean => namedAsTest.test(nameOf(path));

/** Tests, and what serves them. They come from base and tester, never from the implementer. */
export function isTestFile(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  return folders.some((folder) => testFolder.test(folder)) || isNamedAsTest(path) || mayBeTest.test(nameOf(path));
}

const judging = new RegExp(
  [
    '^\\.millwright\\.yaml$',
    '^(conftest|sitecustomize|usercustomize)\\.py$|^\\.?pytest\\.ini$|^tox\\.ini$|^setup\\.cfg$',
    `^(jest|vitest|mocha|ava|karma|cypress|playwright)\\.(config|setup|workspace|conf)\\.(${script}|json)$`,
    '^\\.(mocharc|npmrc)(\\.|$)',
  ].join('|'),
);

/** By its mere presence it says how tests are run, and so could turn them all green: the base's to say. */
export const judgesTests = (path: string): boolean => judging.test(nameOf(path));

/** Code that is no test, in the languages whose runners measure which lines of it ran. */
export const isMeasured = (path: string): boolean =>
  /\.([cm]?jsx?|py)$/.test(path) && !/\.config\.[cm]?js$/.test(path) && !isTestFile(path) && !judgesTests(path);

/** Code that is no test, in whatever language. */
export const isSource = (path: string): boolean =>
  /\.([cm]?[jt]sx?|py|rb|go|rs|java|kt|scala|cs|php|swift|c|cc|cpp)$/.test(path) &&
  !/\.config\.[cm]?[jt]s$|\.d\.[cm]?ts$/.test(path) &&
  !isTestFile(path) &&
  !judgesTests(path);

const nameOf = (path: string) => path.split('/').at(-1)!;
