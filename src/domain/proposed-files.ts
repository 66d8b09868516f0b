// The policy for the files that a model proposes, as a whole: what each may hold, and what they may do to the tree they are for.
import { seenAlike } from './look-alikes';
import { pathObjection } from './paths';
import { isSecretFile, marksIn } from './secrets';

export type Proposed = { path: string; content: string } | { path: string; deleted: true };
export type Standing = { path: string; mode: string };

export const FILES_LIMIT = 200;
const FILE_LIMIT_CHARS = 400_000;
const TOTAL_LIMIT_CHARS = 2_000_000;
const LINE_LIMIT_CHARS = 20_000;
const OBJECTIONS_LIMIT = 30;

const KEEPS_SECRETS = "it keeps secrets, and is a person's to write";

/** A path as it may be shown: on one line, and no longer than a path may be. */
export const quoted = (path: string): string => JSON.stringify(path.slice(0, 240));

/** Of an answer's paths, before anything else of it is looked at. */
export function pathObjections(
  paths: readonly string[],
  further: (path: string) => string | undefined = () => undefined,
): string[] {
  if (paths.length > FILES_LIMIT) return [`${paths.length} files in one answer; at most ${FILES_LIMIT}`];
  return fewOf(
    paths.flatMap((path) => {
      const objection = pathObjection(path) ?? (isSecretFile(path) ? KEEPS_SECRETS : undefined);
      return objection !== undefined ? [`${quoted(path)}: ${objection}`] : (further(path) ?? []);
    }),
  );
}

/** Of paths that each may stand once. */
export const repeated = (paths: readonly string[]): string[] =>
  [...new Set(paths.filter((path, at) => paths.indexOf(path) < at))].map(
    (path) => `${path}: it is there twice in one answer`,
  );

/** Why these changes may not be made to a tree of these files; `contents` is what those of them hold that are written anew. */
export function changeObjections(
  standing: readonly Standing[],
  changes: readonly Proposed[],
  contents: ReadonlyMap<string, string>,
): string[] {
  const written = changes.flatMap((change) => ('content' in change ? [change] : []));
  const total = written.reduce((chars, { content }) => chars + content.length, 0);
  return fewOf([
    ...(total > TOTAL_LIMIT_CHARS ? [`${total} characters in one answer; at most ${TOTAL_LIMIT_CHARS}`] : []),
    ...written.flatMap(({ path, content }) =>
      contentObjections(content, contents.get(path)).map((why) => `${path}: ${why}`),
    ),
    ...placeObjections(standing, changes),
  ]);
}

const fewOf = (objections: readonly string[]): string[] => {
  const more = objections.length - OBJECTIONS_LIMIT;
  return more <= 0 ? [...objections] : [...objections.slice(0, OBJECTIONS_LIMIT), `and ${more} more of the kind`];
};

// ── what a file may hold ────────────────────────────────────────────────────────────────────────────────────────

// What is there already may stay: an edit is not to blame for it.
function contentObjections(content: string, before = ''): string[] {
  if (content.length > FILE_LIMIT_CHARS) return [`longer than ${FILE_LIMIT_CHARS} characters`];
  const longest = longestLine(content);
  const objections =
    longest > LINE_LIMIT_CHARS && longest > longestLine(before)
      ? [`it has a line of ${longest} characters; at most ${LINE_LIMIT_CHARS}`]
      : [];
  if (countOf(noText, content) > countOf(noText, before)) return [...objections, 'not a text'];
  objections.push(...secretObjections(content, before));
  const [hidden] = content.match(unseen) ?? [];
  return hidden === undefined || countOf(unseen, content) <= countOf(unseen, before)
    ? objections
    : [...objections, `it has a character that a reader does not see (${nameOf(hidden)}); write it as an escape`];
}

function secretObjections(content: string, before: string): string[] {
  const marks = marksIn(content);
  if (marks.length <= marksIn(before).length) return [];
  return marks.map(
    ({ line, rule }) =>
      `line ${line}: there was a secret (${rule}); leave it out, and let the code be given it when it runs`,
  );
}

// Controls but for tab, line feed, form feed and carriage return; halves of characters, which git would not keep as they are.
// eslint-disable-next-line no-control-regex
const noText = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]|\p{Cs}/gu;
// What reorders or hides the text around it, or is a letter that is not drawn; and a return that would write over its line.
const unseen = /[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\u115f\u1160\u3164\uffa0\u{e0000}-\u{e007f}]|\r(?!\n)/gu;

const countOf = (pattern: RegExp, text: string): number => text.match(pattern)?.length ?? 0;
const nameOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

const longestLine = (text: string): number => text.split('\n').reduce((most, line) => Math.max(most, line.length), 0);

// ── where it may be ─────────────────────────────────────────────────────────────────────────────────────────────

function placeObjections(standing: readonly Standing[], changes: readonly Proposed[]): string[] {
  const modes = new Map(standing.map(({ path, mode }) => [path, mode]));
  const regular = (path: string) => modes.get(path)?.startsWith('100') ?? false;
  const written = changes.flatMap((change) => ('content' in change ? [change.path] : []));
  const deleted = new Set(changes.flatMap((change) => ('content' in change ? [] : [change.path])));
  const after = new Set([...standing.map(({ path }) => path).filter((path) => !deleted.has(path)), ...written]);
  const folders = new Set([...after].flatMap(foldersOf));
  const objectionTo = (path: string): string | undefined => {
    if (deleted.has(path)) return 'it is both written and removed';
    if (modes.has(path) && !regular(path)) return 'it is a link or a submodule, and stays one';
    const link = foldersOf(path).find((folder) => modes.has(folder) && !regular(folder));
    if (link !== undefined) return `"${link}" is a link or a submodule, and nothing is written through it`;
    const file = foldersOf(path).find((folder) => after.has(folder));
    if (file !== undefined) return `"${file}" is a file, and can hold none`;
    return folders.has(path) ? 'it is a folder' : undefined;
  };
  return [
    ...written.flatMap((path) => {
      const objection = objectionTo(path);
      return objection === undefined ? [] : [`${path}: ${objection}`];
    }),
    ...[...deleted].filter((path) => !regular(path)).map((path) => `${path}: there is no such file to remove`),
    ...togetherObjections(standing, after, written).map(({ path, objection }) => `${path}: ${objection}`),
  ];
}

type PathObjection = { path: string; objection: string };

/** Why a tree must not be merged that differs from another at these paths, whoever made it. */
export function treeObjections(
  before: readonly Standing[],
  after: readonly Standing[],
  changed: readonly string[],
): PathObjection[] {
  const modes = new Map(after.map(({ path, mode }) => [path, mode]));
  const written = changed.filter((path) => modes.has(path));
  return [
    ...written.flatMap((path) => {
      const plain = modes.get(path) === '100644' || modes.get(path) === '100755';
      const objection = plain ? pathObjection(path) : `its mode is ${modes.get(path)}, and it is no plain file`;
      return objection === undefined ? [] : [{ path, objection }];
    }),
    ...togetherObjections(before, new Set(modes.keys()), written),
  ];
}

/** What no path is to blame for alone. */
function togetherObjections(
  standing: readonly Standing[],
  after: ReadonlySet<string>,
  written: readonly string[],
): PathObjection[] {
  return [
    ...collisions(standing, written, [...after, ...new Set([...after].flatMap(foldersOf))]),
    ...repositoriesIn(after, written).map((folder) => ({
      path: `${folder}HEAD`,
      objection: 'with objects and refs beside it, git takes the folder for a repository',
    })),
  ];
}

/** Names that are new, and one with another on some system or to the eye. */
function collisions(
  standing: readonly Standing[],
  written: readonly string[],
  after: readonly string[],
): PathObjection[] {
  const known = new Set(standing.flatMap(({ path }) => [path, ...foldersOf(path)]));
  const added = [...new Set(written.flatMap((path) => [...foldersOf(path), path]))].filter((path) => !known.has(path));
  if (added.length === 0) return [];
  const spellings = new Map<string, string[]>();
  for (const path of after) spellings.set(seenAlike(path), [...(spellings.get(seenAlike(path)) ?? []), path]);
  return added.flatMap((path) => {
    const other = spellings.get(seenAlike(path))!.find((spelled) => spelled !== path);
    return other === undefined ? [] : [{ path, objection: `it is one with "${other}" on some systems, or to the eye` }];
  });
}

/** Folders that git would enter as a bare repository, with a configuration of its own: those that the change makes so. */
function repositoriesIn(after: ReadonlySet<string>, written: readonly string[]): string[] {
  const having = (name: string) =>
    new Set(
      [...after].flatMap((path) => {
        const parts = path.split('/');
        return parts.flatMap((part, at) =>
          part.toLowerCase() === name
            ? [
                parts
                  .slice(0, at)
                  .map((folder) => `${folder}/`)
                  .join(''),
              ]
            : [],
        );
      }),
    );
  const [objects, refs] = [having('objects'), having('refs')];
  return [...having('head')].filter(
    (folder) => objects.has(folder) && refs.has(folder) && written.some((path) => path.startsWith(folder)),
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
