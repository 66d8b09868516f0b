// Fills ${NAME} and ${NAME:-default} in texts from the environment, the innermost first.

const variable = /\$\{([A-Z_][A-Z0-9_]*)(?::-([^${}]*))?\}/;

type Path = readonly (string | number)[];
type Environment = Readonly<Record<string, string | undefined>>;

/** A text that cannot be filled, with where it stands. */
export class Unfilled extends Error {
  constructor(
    message: string,
    readonly path: Path,
  ) {
    super(message);
  }
}

export function interpolate(value: unknown, environment: Environment, at: Path = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, environment, [...at, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolate(item, environment, [...at, key])]),
    );
  }
  return typeof value === 'string' ? filled(value, environment, at) : value;
}

function filled(text: string, environment: Environment, at: Path): string {
  const found = variable.exec(text);
  if (found === null) return text;
  const [whole, name, otherwise] = found as unknown as [string, string, string | undefined];
  const value = environment[name] || otherwise;
  if (value === undefined) throw new Unfilled(`the environment variable ${name} is not set`, at);
  if (value.includes('${'))
    throw new Unfilled(`the value of ${name} refers to another variable, which is not followed`, at);
  return filled(
    text.replace(whole, () => value),
    environment,
    at,
  );
}
