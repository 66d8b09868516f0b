// What a change would have installed from elsewhere: the packages that a manifest names anew, and whether they may be.

export type Dependency = { name: string; version: string };
export type Ecosystem = 'npm' | 'python';

/** What a person has allowed, and what the base has already, by name; and whether a person is asked about what is neither. */
export type Allowance = {
  allowed: ReadonlySet<string>;
  known: Readonly<Record<Ecosystem, ReadonlySet<string>>>;
  asks?: boolean;
};

const requirements = /(^|\/)(requirements|constraints)[^/]*\.(txt|in)$|(^|\/)requirements\/[^/]+\.(txt|in)$/i;
// They name packages too, in words of their own that are not read here.
const unread =
  /(^|\/)(setup\.py|pipfile|environment\.ya?ml|go\.mod|cargo\.toml|gemfile|[^/]+\.gemspec|composer\.json|pom\.xml|build\.gradle(\.kts)?|mix\.exs|pubspec\.yaml|package\.swift|[^/]+\.csproj|deno\.jsonc?|bower\.json)$/i;

export const ecosystemOf = (path: string): Ecosystem | undefined => {
  if (/(^|\/)package\.json$/i.test(path)) return 'npm';
  return requirements.test(path) || /(^|\/)pyproject\.toml$/i.test(path) ? 'python' : undefined;
};

export const isManifest = (path: string): boolean => ecosystemOf(path) !== undefined || unread.test(path);
export const isLockfile = (path: string): boolean =>
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|pdm\.lock)$/.test(
    path,
  );

/** Why this manifest may not become what it would be; each dependency with the version that is asked for. */
export function dependencyObjections(
  path: string,
  before: string | undefined,
  after: string,
  allowance: Allowance,
): string[] {
  const ecosystem = ecosystemOf(path);
  if (ecosystem === undefined)
    return before === after || !unread.test(path) || allowance.allowed.has(path)
      ? []
      : [`${path}: what it depends on cannot be read here; a person has to allow the change of this file`];
  const fresh = newIn(path, before, after, allowance);
  if (fresh === undefined) return [`${path}: what it depends on cannot be read`];
  const refused = fresh.filter(({ name, version }) => !allowance.asks || !isPlain(version) || !isName(name));
  return [...new Set(refused.map(spelled))].map(
    (one) => `${path}: ${one} is a new dependency that nobody has allowed; do without it`,
  );
}

/** What a manifest asks for anew and nobody has allowed; undefined where it cannot be read. */
export function newIn(
  path: string,
  before: string | undefined,
  after: string,
  { allowed, known }: Allowance,
): Dependency[] | undefined {
  const ecosystem = ecosystemOf(path)!;
  const had = new Set((dependenciesIn(path, before ?? '') ?? []).map(spelled));
  const may = ({ name, version }: Dependency) =>
    allowed.has(`${name}@${version}`) || (isPlain(version) && (allowed.has(name) || known[ecosystem].has(name)));
  return dependenciesIn(path, after)?.filter((one) => !had.has(spelled(one)) && !may(one));
}

const isName = (name: string): boolean => /^(@[a-z0-9][\w.-]*\/)?[A-Za-z0-9][\w.-]*$/.test(name);

const spelled = ({ name, version }: Dependency): string => `${name}@${version}`;
/** A version or a range, and no address, file or other package in its place. */
const isPlain = (version: string): boolean => /^[\w\s.^~<>=!*,|+-]*$/.test(version);

/** The names that lockfiles and manifests of the base have. */
export function knownIn(files: ReadonlyMap<string, string>): Allowance['known'] {
  const known = { npm: new Set<string>(), python: new Set<string>() };
  for (const [path, text] of files) {
    const ecosystem = ecosystemOf(path) ?? (/(package-lock|shrinkwrap|pnpm-lock|yarn)/.test(path) ? 'npm' : 'python');
    const names = isLockfile(path) ? lockedIn(path, text) : (dependenciesIn(path, text) ?? []).map(({ name }) => name);
    for (const name of names) known[ecosystem].add(name);
  }
  return known;
}

/** Undefined where it cannot be read. */
function dependenciesIn(path: string, text: string): Dependency[] | undefined {
  if (text.trim() === '') return [];
  if (ecosystemOf(path) === 'npm') return inPackage(text);
  return /\.toml$/i.test(path) ? inPyproject(text) : inRequirements(text);
}

// ── npm ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'resolutions'];

function inPackage(text: string): Dependency[] | undefined {
  const content = record(text);
  if (content === undefined) return undefined;
  const direct = sections.flatMap((section) => Object.entries((content[section] ?? {}) as object));
  return [
    ...direct,
    ...overridden(content.overrides),
    ...overridden((content.pnpm as Fields | undefined)?.overrides),
  ].map(([name, version]) => ({ name, version: String(version) }));
}

/** Overrides may lie in one another. */
const overridden = (value: unknown): [string, unknown][] =>
  Object.entries((value ?? {}) as object).flatMap(([name, version]): [string, unknown][] =>
    typeof version === 'object' ? overridden(version) : [[name.replace(/(?<=.)@.*$/, ''), version]],
  );

type Fields = Record<string, unknown>;

function record(text: string): Fields | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && !Array.isArray(content) ? (content as Fields) : undefined;
  } catch {
    return undefined;
  }
}

export function lockedIn(path: string, text: string): string[] {
  if (/\.json$/.test(path)) {
    const { packages = {}, dependencies = {} } = (record(text) ?? {}) as Record<string, object>;
    const names = Object.keys(packages).flatMap((place) => place.split('node_modules/').slice(1).at(-1) ?? []);
    return [...names, ...Object.keys(dependencies)];
  }
  if (/pnpm-lock/.test(path)) return captured(text, /^ {2}['"]?\/?((?:@[\w.-]+\/)?[\w.-]+)@/gm);
  if (/yarn\.lock$/.test(path)) return captured(text, /^"?((?:@[\w.-]+\/)?[\w.-]+)@/gm);
  return captured(text, /^name = "([\w.-]+)"$/gm).map(plainName);
}

const captured = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((found) => found[1]!);

// ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────────

const plainName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Options of pip are no packages, but say where these come from: each is a dependency of its own that only a person allows. */
const inRequirements = (text: string): Dependency[] =>
  text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean)
    .map((line) => requirement(line) ?? { name: line, version: 'as it stands' });

function requirement(text: string): Dependency | undefined {
  const found = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*(.*)$/.exec(text);
  if (found === null) return undefined;
  const version = found[3]!
    .replace(/;.*$/, '')
    .replace(/\s--hash.*$/, '')
    .replace(/^\(|\)$/g, '')
    .trim();
  return { name: plainName(found[1]!), version: version || '*' };
}

// Without a parser of TOML, and so with more care than it takes: any text in a table or a list that has to do with dependencies.
function inPyproject(text: string): Dependency[] {
  const found: Dependency[] = [];
  let table = '';
  let place = '';
  let open = 0;
  for (const line of text.split(/\r?\n/).map((one) => one.replace(/(^|\s)#.*$/, '').trim())) {
    const heading = open > 0 ? undefined : /^\[+\s*([^\]]+?)\s*\]+$/.exec(line)?.[1];
    if (heading !== undefined) {
      table = heading.replace(/["'\s]/g, '');
      const own = /dependencies\.([^.]+)$/.exec(table)?.[1];
      if (own !== undefined) found.push({ name: plainName(own), version: '*' });
      continue;
    }
    const [, key, value = line] = (open > 0 ? null : /^([\w."'-]+)\s*=\s*(.*)$/.exec(line)) ?? [];
    if (key !== undefined) place = `${table}.${key.replace(/["']/g, '')}`;
    open = Math.max(0, open + openedBy(value));
    if (!namesPackages(place)) continue;
    if (key !== undefined && /(^|\.)tool\.poetry\.(.*\.)?(dev-)?dependencies\./.test(place))
      found.push({ name: plainName(key.replace(/["']/g, '')), version: bare(value) });
    else found.push(...captured(value, /["']([^"']+)["']/g).flatMap((one) => requirement(one) ?? []));
  }
  return found.filter(({ name }) => name !== 'python');
}

/** How many lists a line opens and does not close. */
function openedBy(value: string): number {
  const marks = value.replace(/"[^"]*"|'[^']*'/g, '');
  return marks.split('[').length - marks.split(']').length;
}

const namesPackages = (place: string): boolean =>
  /dependenc|requires$|optional|extras|dependency-groups|(^|\.)sources?\b|index/i.test(place) &&
  !/requires-python/.test(place);
const bare = (value: string): string =>
  /^["'][^"']*["']$/.test(value.trim()) ? value.trim().slice(1, -1) : value.trim();
