// Commits along first parents, and the trailer by which an effect is found again.
import type { LedgerEntry } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { effectKey, type EffectKey } from '../../domain/names';
import { gone, type Mirror } from './mirror';
import type { GitObject } from './reader';

const KEY = 'Millwright-Key';
/** When Temporal gave out the attempt that wrote this, in milliseconds. */
export const ATTEMPT = 'Millwright-Attempt';

const LINKS_LIMIT = 50_000;

type Merge = { commit: string; ours: string; theirs: string; key: string | undefined };
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
export async function mergesIn(mirror: Mirror, commits: string): Promise<Merge[]> {
  const how = ['log', '-z', '--min-parents=2', '--no-color', '--no-decorate', '--format=%P%n%H%n%B'];
  const { stdout } = await mirror.run([...how, commits, '--']);
  const pieces = stdout.toString().split('\0').filter(Boolean);
  return pieces.map((text) => {
    const [parents, commit, ...message] = text.split('\n') as [string, string, ...string[]];
    const [ours, theirs] = parents.split(' ') as [string, string];
    return { commit, ours, theirs, key: saidIn(message.join('\n')).key };
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
async function linkAt(mirror: Mirror, commit: string): Promise<Link> {
  const { read, links } = mirror;
  const known = links.get(commit);
  if (known !== undefined) return known;
  const [object] = await read.contents([`${commit}^{commit}`]);
  if (object === undefined) throw gone(mirror, `the commit ${commit}`);
  const link = linkOf(object);
  if (links.size >= LINKS_LIMIT) links.clear();
  links.set(commit, link);
  return link;
}

const LATEST_SECONDS = 8.64e12; // of what a date can say

/** A commit as git stores it: lines that say what it is, the parents before the author, and after an empty one its message. */
function linkOf({ sha, content }: GitObject): Link {
  const text = content.toString();
  const end = text.indexOf('\n\n');
  const head = (end === -1 ? text : text.slice(0, end)).split('\n');
  const author = head.findIndex((line) => line.startsWith('author '));
  const parent = head.slice(0, Math.max(0, author)).find((line) => line.startsWith('parent '));
  const seconds = Number(/ (\d+) [+-]\d+$/.exec(head[author] ?? '')?.[1] ?? 0);
  const at = new Date(Math.min(seconds, LATEST_SECONDS) * 1000).toISOString();
  const message = end === -1 ? '' : text.slice(end + 2);
  return { entry: { commit: sha, at, ...saidIn(message) }, parent: parent?.slice('parent '.length) };
}

function saidIn(text: string): Pick<Found, 'message' | 'key' | 'given'> {
  const paragraphs = text.trim().split('\n\n');
  const key = new RegExp(`^${KEY}: (\\S.*)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  const message = (key === undefined ? paragraphs : paragraphs.slice(0, -1)).join('\n\n');
  const given = new RegExp(`^${ATTEMPT}: (\\d+)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  return { message, key, ...(given && { given: Number(given) }) };
}
