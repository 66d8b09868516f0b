// What must stay with a worker: which of its settings are secrets, how a text is freed of them, and where files may hold some.

export type Secret = { name: string; value: string };

const VALUE_LIMIT_CHARS = 8;
const tellingName = /(^|_)(API_?KEYS?|KEYS?|TOKENS?|SECRETS?|PASSW(OR)?D|PASSPHRASE|PASS|PWD|CREDENTIALS?|DSN)(_|$)/i;
// The name of another variable, a path, or a plain word: nothing that anybody would have to guess.
const noSecret = /^([A-Z][A-Z0-9_]*|[~.]*\/.*|[a-z]+|[A-Z]:\\.*)$/;

/** The variables whose values are secrets: those that are said to be, those whose name says so, and the passwords in addresses. */
export function secretsIn(
  environment: Readonly<Record<string, string | undefined>>,
  named: readonly string[] = [],
): Secret[] {
  return Object.entries(environment).flatMap(([name, value = '']) => {
    const trimmed = value.trim();
    const password = /^[a-z][a-z0-9+.-]*:\/\/[^:/@\s]*:([^@\s]+)@/i.exec(trimmed)?.[1];
    const told = (named.includes(name) || tellingName.test(name)) && !noSecret.test(trimmed);
    return [...(told ? [trimmed, ...listedIn(trimmed)] : []), ...(password === undefined ? [] : [password])]
      .filter((secret) => secret.length >= VALUE_LIMIT_CHARS)
      .map((secret) => ({ name, value: secret }));
  });
}

/** Several in one variable, each perhaps with a name: `name:secret,name:secret`. */
const listedIn = (value: string): string[] =>
  value.split(/[\s,]+/).flatMap((part) => {
    const secret = part.slice(part.indexOf(':') + 1);
    return secret === value || noSecret.test(secret) ? [] : [secret];
  });

/** Stands where a secret stood: what was found there, and nothing of it. */
export const markOf = (rule: string): string => `[secret removed: ${rule}]`;
const mark = /\[secret removed: ([^\]\n]{1,80})\]/g;

/** The marks in a text, by line. */
export const marksIn = (text: string): { line: number; rule: string }[] =>
  [...text.matchAll(mark)].map((found) => ({
    line: text.slice(0, found.index).split('\n').length,
    rule: found[1]!,
  }));

export type Redact = (text: string) => string;

/** Takes these secrets out of a text, also where they are written backwards, in base64, in hexadecimal digits or escaped. */
export function redactor(secrets: readonly Secret[]): Redact {
  const needles = secrets
    .flatMap(({ name, value }) => spellings(value).map((text) => ({ name, text })))
    .filter(({ text }) => text.length >= VALUE_LIMIT_CHARS)
    .sort((one, other) => other.text.length - one.text.length);
  return (text) => needles.reduce((kept, needle) => kept.replaceAll(needle.text, () => markOf(needle.name)), text);
}

function spellings(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].map((before) => {
    const text = btoa('\0'.repeat(before) + String.fromCharCode(...bytes));
    // The characters at the ends depend on what stands beside it.
    return text
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 && before === 0 ? undefined : -1);
  });
  const urls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const escaped = [encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  return [...new Set([value, [...value].reverse().join(''), hex, hex.toUpperCase(), ...base64, ...urls, ...escaped])];
}

/** The same through everything that a value holds. */
export function redactedIn<T>(value: T, redact: Redact): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactedIn(item, redact)) as T;
  if (typeof value !== 'object' || value === null || (value.constructor?.name ?? 'Object') !== 'Object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [redact(name), redactedIn(item, redact)])) as T;
}

const keepsSecrets = new RegExp(
  [
    '(^|/)\\.env(rc)?$|(^|/)\\.env\\.(?!(example|sample|template|dist|test|defaults?)$)[^/]+$',
    '(^|/)(\\.netrc|_netrc|\\.pypirc|\\.pgpass|\\.my\\.cnf|\\.htpasswd|\\.git-credentials|\\.dockercfg)$',
    '(^|/)id_(rsa|dsa|ecdsa|ed25519)$|(^|/)\\.(ssh|aws|gnupg|kube)/|(^|/)\\.docker/config\\.json$',
  ].join('|'),
  'i',
);

/** A file that by its name is there to hold secrets: no model reads or writes it, and no tested code finds it. */
export const isSecretFile = (path: string): boolean => keepsSecrets.test(path);
