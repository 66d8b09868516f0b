// Commits along first parents, and the trailer by which an effect is found again.
import type { LedgerEntry } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { effectKey, type EffectKey } from '../../domain/names';
import type { Mirror } from './mirror';

const KEY = 'Millwright-Key';
/** When Temporal gave out the attempt that wrote this, in milliseconds. */
export const ATTEMPT = 'Millwright-Attempt';

const LINKS_LIMIT = 50_000;

type Found = LedgerEntry & { given?: number };
/** One commit of a chain of first parents. */
export type Link = { entry: Found; parent: string | undefined };
export type Trailer = readonly [name: string, value: string];

/** The message with its trailers as a paragraph of their own, the key last: a text that ends like a trailer is none. */
export function withTrailers(message: string, key: EffectKey, trailers: readonly Trailer[] = []): string {
  const lines = [...trailers, [KEY, keyText(key)] as const].map(
    ([name, value]) => `${trailerName(name)}: ${flat(value)}`,
  );
  return `${message.trim()}\n\n${lines.join('\n')}\n`;
}

const flat = (value: string): string => value.replace(/\s+/g, ' ').trim();

function trailerName(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) throw permanent('InvalidInput', `"${name}" is not a trailer's name`);
  return name;
}

export function keyText(key: EffectKey): string {
  const text = effectKey(key);
  if (flat(text) !== text)
    throw permanent('InvalidInput', `"${text}" is not a key: it would not fit on a line of its own`);
  return text;
}

/** The commit that this effect left under this tip, if there is one. */
export async function findKey(mirror: Mirror, tip: string, key: EffectKey): Promise<string | undefined> {
  const wanted = keyText(key);
  for await (const { entry } of downFrom(mirror, tip)) if (entry.key === wanted) return entry.commit;
  return undefined;
}

/** The merges among these: also those behind a second parent, where somebody has pulled them together with work of their own. */
export async function mergesIn(mirror: Mirror, commits: string): Promise<(Found & { ours: string; theirs: string })[]> {
  const how = ['log', '-z', '--min-parents=2', '--no-color', '--no-decorate', '--format=%P%n%H%n%aI%n%B'];
  const { stdout } = await mirror.run([...how, commits, '--']);
  const pieces = stdout.toString().split('\0').filter(Boolean);
  return pieces.map((text) => {
    const [parents, commit, at, ...message] = text.split('\n') as [string, string, string, ...string[]];
    const [ours, theirs] = parents.split(' ') as [string, string];
    return { ...entryOf(commit, new Date(at).toISOString(), message.join('\n')), ours, theirs };
  });
}

/** Newest first. */
export async function history(mirror: Mirror, tip: string): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  for await (const { entry } of downFrom(mirror, tip)) found.push(entry);
  return found;
}

export const commitAt = async (mirror: Mirror, commit: string): Promise<Found> => (await linkAt(mirror, commit)).entry;

async function* downFrom(mirror: Mirror, tip: string): AsyncGenerator<Link> {
  for (let next: string | undefined = tip; next !== undefined;) {
    const link = await linkAt(mirror, next);
    yield link;
    next = link.parent;
  }
}

/** A ledger is searched again and again, and only its newest commits are new to whoever searches. */
async function linkAt({ read, links }: Mirror, commit: string): Promise<Link> {
  const known = links.get(commit);
  if (known !== undefined) return known;
  const [object] = await read.contents([commit]);
  if (object?.type !== 'commit') throw permanent('InvalidInput', `the commit ${commit} is missing from the repository`);
  const link = linkOf(commit, object.content.toString());
  if (links.size >= LINKS_LIMIT) links.clear();
  links.set(commit, link);
  return link;
}

/** A commit as git stores it: lines that say what it is, and after an empty one its message. */
function linkOf(commit: string, text: string): Link {
  const end = text.indexOf('\n\n');
  const head = end === -1 ? text : text.slice(0, end);
  const seconds = /^author .* (\d+) [+-]\d{4}$/m.exec(head)?.[1];
  const at = new Date(Number(seconds ?? 0) * 1000).toISOString();
  const entry = entryOf(commit, at, end === -1 ? '' : text.slice(end + 2));
  return { entry, parent: /^parent ([0-9a-f]{40})$/m.exec(head)?.[1] };
}

function entryOf(commit: string, at: string, text: string): Found {
  const paragraphs = text.trim().split('\n\n');
  const key = new RegExp(`^${KEY}: (\\S.*)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  const message = (key === undefined ? paragraphs : paragraphs.slice(0, -1)).join('\n\n');
  const given = new RegExp(`^${ATTEMPT}: (\\d+)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  return { commit, message, at, key, ...(given && { given: Number(given) }) };
}
