// What a model says, before anything of it is kept: without the secrets of this worker, and without any that the base does not show.
import { isSecretFile, markOf, redactedIn, type Redact } from '../domain/secrets';
import type { ModelAnswer, Secrets, Trees } from './ports';

/** Shorter ones hold no secret that a rule knows. */
const TEXT_LIMIT_CHARS = 16;
const PLACES_LIMIT = 20;

type At = { trees: Trees; repository: string; base: string };

/** The same again for the same answer. A mark stands where a secret stood; a file with a mark is refused for it. */
export async function discreet(secrets: Secrets, at: At, answer: ModelAnswer): Promise<ModelAnswer> {
  const known = redactedIn(answer, inJsonToo(secrets.redact));
  const found = await strangers(secrets, at, textsIn(known));
  return redactedIn(
    known,
    inJsonToo((text) => found.reduce((kept, { text: secret, rule }) => kept.replaceAll(secret, markOf(rule)), text)),
  );
}

/** What is JSON is read as what it says: an escape would hide a secret from every rule, and so would a name said twice. */
function inJsonToo(redact: Redact): Redact {
  return (text) => {
    const said = jsonIn(text);
    if (said === undefined) return redact(text);
    const kept = redactedIn(said, redact);
    const asItCame = [undefined, 2].some((indent) => JSON.stringify(kept, null, indent) === text);
    return asItCame ? text : JSON.stringify(kept);
  };
}

function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn);
  if (typeof value !== 'string' || value.length < TEXT_LIMIT_CHARS) return [];
  const said = jsonIn(value);
  return said === undefined ? [value] : textsIn(said);
}

/** What the rules find that does not stand in the base, but for files that keep secrets. */
async function strangers({ find }: Secrets, at: At, texts: readonly string[]) {
  const found = (await Promise.all(texts.map(find))).flat();
  const once = [...new Map(found.map((one) => [one.text, one])).values()];
  const shown = await Promise.all(once.map(({ text }) => isShown(at, text)));
  return once.filter((_, index) => !shown[index]);
}

async function isShown({ trees, repository, base }: At, text: string): Promise<boolean> {
  // Of several lines the longest: it is the one that nothing else has.
  const [line] = text.split('\n').sort((one, other) => other.length - one.length);
  const places = await trees.search(repository, base, line!, PLACES_LIMIT);
  return places.some(({ path }) => !isSecretFile(path));
}
