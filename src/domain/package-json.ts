// What a package.json says about how tests are run: where the base says it, it stays as it is.

// Runners read their settings from these.
const settings = ['jest', 'mocha', 'ava', 'c8', 'nyc'];

/** Whether a base's package.json would run its scripts otherwise. One without scripts is still to be written. */
export function runsOtherwise(before: string | undefined, after: string | undefined): boolean {
  const base = fields(before);
  const scripts = Object.keys(record(base.scripts));
  if (scripts.length === 0) return false;
  const now = fields(after);
  // npm runs `prex` before `x`, and `postx` after it.
  const ran = scripts.flatMap((name) => [name, `pre${name}`, `post${name}`]);
  return differ(base, now, settings) || differ(record(base.scripts), record(now.scripts), ran);
}

/**
 * Whether it would run anything else than before, by npm or by a runner that reads its settings there: a person sees to that.
 * Nothing stands for no file, and null for one that cannot be read.
 */
export function changesScripts(before: string | undefined | null, after: string | undefined | null): boolean {
  if (before === after && typeof before === 'string') return false;
  const [base, now] = [readable(before), readable(after)];
  return base === undefined || now === undefined || differ(base, now, ['scripts', ...settings, ...hooks]);
}

// What other tools run from there, at a commit or an installation.
const hooks = ['husky', 'lint-staged', 'simple-git-hooks', 'pre-commit', 'gypfile', 'trustedDependencies'];

function readable(text: string | undefined | null): Fields | undefined {
  if (text === undefined) return {};
  try {
    const found: unknown = JSON.parse(text ?? '');
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const differ = (one: Fields, other: Fields, names: readonly string[]) =>
  names.some((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));

type Fields = Record<string, unknown>;
const record = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

function fields(text: string | undefined): Fields {
  try {
    return record(JSON.parse(text ?? ''));
  } catch {
    return {};
  }
}
