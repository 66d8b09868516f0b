// The one policy for paths that a model proposes, and the one answer to "is this a test?".

const PATH_LIMIT_CHARS = 240;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
// Git, or a tool that reads the tree, acts on these by their mere presence.
const acting = new Set(['.git', '.gitmodules', '.gitattributes', '.gitconfig', '.hg', '.svn']);

/** Why this path may not be written, or undefined where it may. */
export function pathObjection(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (path.length > PATH_LIMIT_CHARS) return `the path is longer than ${PATH_LIMIT_CHARS} characters`;
  if (path !== path.normalize('NFKC')) return 'the path is not in its plain Unicode form';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/.test(path))
    return 'the path has invisible characters';
  if (/[\\:*?"<>|]/.test(path)) return 'the path has a character that not every system allows';
  if (path.startsWith('/')) return 'the path is absolute';
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..')
      return 'the path does not stay inside the repository in plain steps';
    if (/[ .]$/.test(part) || part.startsWith(' '))
      return 'a part of the path begins or ends with a space, or ends with a dot';
    if (acting.has(part.toLowerCase()) || /^git~\d/i.test(part)) return `"${part}" is git's own`;
    if (reserved.test(part)) return `"${part}" is a device's name on some systems`;
  }
  return undefined;
}

/** Test files come from base and tester, never from the implementer. */
export function isTestFile(path: string): boolean {
  const parts = path.split('/');
  const name = parts.at(-1)!;
  return (
    parts.slice(0, -1).some((folder) => /^(tests?|__tests__|spec)$/i.test(folder)) ||
    /[._-](test|spec)\.[cm]?[jt]sx?$/.test(name) ||
    /^(test_.*|.*_test|conftest)\.py$/.test(name)
  );
}
