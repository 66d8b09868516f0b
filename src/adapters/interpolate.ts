// Fills ${NAME} and ${NAME:-default} in texts from the environment, the innermost first.

const variable = /\$\{([A-Z_][A-Z0-9_]*)(?::-([^${}]*))?\}/;

export function interpolate(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, environment));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, environment)]));
  }
  return typeof value === 'string' ? filled(value, environment) : value;
}

function filled(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  const found = variable.exec(text);
  if (found === null) return text;
  const [whole, name, otherwise] = found as unknown as [string, string, string | undefined];
  const value = environment[name] || otherwise;
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  if (value.includes('${')) throw new Error(`the value of ${name} refers to another variable, which is not followed`);
  return filled(
    text.replace(whole, () => value),
    environment,
  );
}
