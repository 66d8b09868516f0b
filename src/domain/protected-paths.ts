// Paths whose change a person has to approve by name: what runs by itself, what judges or steers the work, and what the base says is so.
import { isDependency } from './new-dependencies';
import { changesScripts } from './package-json';
import { judgesTests } from './paths';

/** What the base's `.millwright.yaml` protects besides; a file that cannot be read protects everything. */
export type ProtectionPolicy = { patterns: readonly string[] } | { broken: string };

/** A text, nothing where there is no such file, and null where there is one that cannot be read as a text. */
export type FileText = string | undefined | null;

export type PathChange = { path: string; before?: FileText; after?: FileText };

export const PATTERN_LIMIT_CHARS = 240;
export const PATTERNS_LIMIT = 200;

const folders: Readonly<Record<string, readonly string[]>> = {
  CI: [
    ...['.github', '.gitlab', '.gitea', '.forgejo', '.circleci', '.azure-pipelines', '.buildkite', '.woodpecker'],
    ...['.semaphore', '.teamcity', '.husky', '.githooks'],
  ],
  'instructions for agents': ['.claude', '.cursor', '.codex', '.continue', '.roo', '.junie', '.kiro', '.windsurf'],
  "Millwright's configuration": ['.millwright'],
};

const files: readonly (readonly [what: string, name: RegExp])[] = [
  [
    'CI',
    new RegExp(
      [
        '^(\\.gitlab-ci|\\.travis|\\.drone|\\.woodpecker|\\.?appveyor|azure-pipelines|bitbucket-pipelines|\\.cirrus|wercker|cloudbuild|buildspec|\\.pre-commit-config|\\.?lefthook)\\.(ya?ml|json|toml|star)$',
        '^jenkinsfile(\\..*)?$|^codeowners$|^\\.?(renovate|dependabot)(\\.json5?|\\.ya?ml|rc.*)$|^\\.gitattributes$|^\\.gitmodules$',
      ].join('|'),
    ),
  ],
  [
    'lockfile',
    new RegExp(
      [
        '^(package-lock|npm-shrinkwrap|packages\\.lock|bun\\.lockb?|deno\\.lock|pnpm-lock|shrinkwrap)(\\.json|\\.ya?ml)?$',
        '^(yarn|poetry|pipfile|pdm|uv|pixi|cargo|gemfile|composer|mix|podfile|pubspec|flake|gradle|conan|symfony)\\.(lock|lockfile)$',
        '^go\\.sum$|^go\\.work\\.sum$|^package\\.resolved$|^cartfile\\.resolved$|^pylock(\\..*)?\\.toml$|^verification-metadata\\.xml$',
      ].join('|'),
    ),
  ],
  [
    'test configuration',
    /^(pyproject\.toml|noxfile\.py|\.coveragerc|\.(nyc|c8)rc(\..*)?|\.?codecov\.ya?ml|phpunit(\.dist)?\.xml(\.dist)?|\.rspec|stryker\.conf.*|\.taprc)$/,
  ],
  [
    'instructions for agents',
    /^(agents|claude|gemini|copilot|codex)(\.[^/]*)?\.md$|^\.(cursorrules|windsurfrules|clinerules|roorules|goosehints|aider\..*|mcp\.json)$/,
  ],
  ["Millwright's configuration", /^\.millwright\.(ya?ml|json)$/],
];

/** What a path is protected as by its name alone, at whatever depth and in whatever case: some systems tell no cases apart. */
export function protectedAs(path: string): string | undefined {
  const parts = path.normalize('NFKC').toLowerCase().split('/');
  const name = parts.at(-1)!;
  const folder = Object.entries(folders).find(([, names]) => parts.slice(0, -1).some((part) => names.includes(part)));
  if (folder !== undefined) return folder[0];
  const file = files.find(([, pattern]) => pattern.test(name));
  if (file !== undefined) return file[0];
  return judgesTests(name) || judgesTests(path) ? 'test configuration' : undefined;
}

export const isPackage = (path: string): boolean => /(^|\/)package\.json$/i.test(path);

/** Of these changes the paths that need a person's approval by name, in order. */
export function protectedPaths(changes: readonly PathChange[], policy: ProtectionPolicy): string[] {
  const own = 'broken' in policy ? () => true : matcher(policy.patterns);
  const scripts = ({ path, before, after }: PathChange) => isPackage(path) && changesScripts(before, after);
  const found = changes.filter(
    (change) => protectedAs(change.path) !== undefined || own(change.path) || scripts(change),
  );
  return [...new Set(found.map(({ path }) => path))].sort();
}

/** Why an approval that names these paths does not do for a candidate that changes those. */
export function namingObjection(changed: readonly string[], named: readonly string[]): string | undefined {
  const unnamed = changed.filter((path) => !named.includes(path));
  if (unnamed.length > 0) return `it does not name the ${wordsFor(unnamed)}: ${listed(unnamed)}`;
  const strange = named.filter((path) => !changed.includes(path));
  return strange.length > 0 ? `it names what is no protected path that changes: ${listed(strange)}` : undefined;
}

const wordsFor = (unnamed: readonly string[]): string =>
  [
    ...(unnamed.every(isDependency) ? [] : ['protected paths that change']),
    ...(unnamed.some(isDependency) ? ['new dependencies that it brings'] : []),
  ].join(' and ');

const LISTED_LIMIT = 20;
const listed = (paths: readonly string[]) =>
  `${paths.slice(0, LISTED_LIMIT).join(', ')}${paths.length > LISTED_LIMIT ? ` and ${paths.length - LISTED_LIMIT} more` : ''}`;

function matcher(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map((pattern) => partsOf(pattern.toLowerCase()));
  return (path) => all.some((pattern) => fits(pattern, path.toLowerCase().split('/')));
}

/** A folder stands for all that is in it, and so does a path: as a folder it would. A name alone is meant at any depth. */
function partsOf(pattern: string): string[] {
  const bare = pattern.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  const anywhere = !pattern.startsWith('/') && !bare.includes('/');
  return [...(anywhere ? ['**'] : []), ...bare.split('/'), '**'];
}

// Not by a regular expression: a pattern with many stars would keep one busy for longer than a gate may wait.
function fits(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = new Set([0]);
  const open = (at: number): number[] => (pattern[at] === '**' ? [at, ...open(at + 1)] : [at]);
  const opened = (places: Iterable<number>) => new Set([...places].flatMap(open));
  reached = opened(reached);
  for (const part of path) {
    const next = [...reached].flatMap((at) => {
      if (pattern[at] === '**') return [at];
      return pattern[at] !== undefined && partFits(pattern[at], part) ? [at + 1] : [];
    });
    reached = opened(next);
  }
  return reached.has(pattern.length);
}

/** `*` for any characters, `?` for one, in one go: the last star is the only one that is ever tried again. */
function partFits(pattern: string, part: string): boolean {
  let [at, in_] = [0, 0];
  let star = -1;
  let mark = 0;
  while (in_ < part.length) {
    if (pattern[at] === '*') [star, mark, at] = [at, in_, at + 1];
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === part[in_])) [at, in_] = [at + 1, in_ + 1];
    else if (star >= 0) [at, mark, in_] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
