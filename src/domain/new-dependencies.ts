// The packages that a change brings and nobody has allowed yet, as an approval names them; and what a registry knows of each.
import {
  ecosystemOf,
  isLockfile,
  lockedIn,
  newIn,
  type Allowance,
  type Dependency,
  type Ecosystem,
} from './dependencies';

export type NewDependency = Dependency & { from: Ecosystem };

/** What is known of it where it comes from. */
export type DependencyLook = { named: string; known: 'there' | 'missing' | 'unknown'; says: string };

/** How an approval names it, beside the protected paths: no path of a repository begins so. */
export const namedAs = ({ from, name, version }: NewDependency): string =>
  `${from}:${name}@${version}`.slice(0, NAMED_LIMIT_CHARS);

const NAMED_LIMIT_CHARS = 250;
const NAMED = /^(npm|python):((?:@[^@/]+\/)?[^@/]+)@(.*)$/;

export const isDependency = (named: string): boolean => NAMED.test(named);

export function dependencyIn(named: string): NewDependency | undefined {
  const found = NAMED.exec(named);
  return found === null ? undefined : { from: found[1] as Ecosystem, name: found[2]!, version: found[3]! };
}

export type FileChange = { path: string; before: string | undefined; after: string | undefined };

/** Of the manifests and lockfiles that differ; a lockfile says which version of it comes, and what it brings along. */
export function newDependencies(changes: readonly FileChange[], allowance: Allowance): string[] {
  const found = new Map<string, NewDependency>();
  const add = (one: NewDependency) => found.set(`${one.from}:${one.name}`, one);
  for (const { path, before, after } of changes) {
    const from = ecosystemOf(path);
    if (after === undefined || from === undefined) continue;
    for (const { name, version } of newIn(path, before, after, allowance) ?? [])
      add({ from, name, version: version.replace(/^==\s*/, '') });
  }
  for (const { path, after } of changes) {
    if (after === undefined || !isLockfile(path)) continue;
    const from = /(package-lock|shrinkwrap|pnpm-lock|yarn)/.test(path) ? 'npm' : 'python';
    for (const { name, version } of locked(path, after))
      if (found.has(`${from}:${name}`) || !(allowance.known[from].has(name) || allowance.allowed.has(name)))
        add({ from, name, version });
  }
  return [...found.values()].map(namedAs).sort();
}

/** One that cannot be read brings nothing, and is refused before anything of it is installed. */
function locked(path: string, text: string): Dependency[] {
  if (!/\.json$/.test(path)) return lockedIn(path, text).map((name) => ({ name, version: 'as locked' }));
  return Object.entries(recordIn(recordIn(parsed(text)).packages)).flatMap(([place, entry]) => {
    const { name, version, link } = recordIn(entry);
    const own = place.split('node_modules/').slice(1).at(-1);
    if (own === undefined || link === true) return [];
    return [
      { name: typeof name === 'string' ? name : own, version: typeof version === 'string' ? version : 'as locked' },
    ];
  });
}

const recordIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why what has not been approved is not installed. */
export function unadmitted(brought: readonly string[], admitted: readonly string[]): string | undefined {
  const left = brought.filter((named) => !admitted.includes(named));
  return left.length === 0 ? undefined : `new dependencies that nobody has approved: ${left.slice(0, 20).join(', ')}`;
}
