// Commits along first parents, and the trailer by which an effect is found again.
import type { LedgerEntry } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { effectKey, type EffectKey } from '../../domain/names';
import type { Mirror } from './mirror';

const KEY = 'Millwright-Key';
/** When Temporal gave out the attempt that wrote this, in milliseconds. */
export const ATTEMPT = 'Millwright-Attempt';

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

/** The commit that this effect left among these, if there is one. `commits` is what `git log` takes. */
export async function findKey(mirror: Mirror, commits: string, key: EffectKey): Promise<string | undefined> {
  const wanted = keyText(key);
  // The search is git's and narrows down; which commit it is, its parsed trailer says.
  const narrow = ['--fixed-strings', `--grep=${KEY}: ${wanted}`];
  const { stdout } = await mirror.run([...log, ...narrow, commits, '--']);
  return parse(stdout.toString()).find((entry) => entry.key === wanted)?.commit;
}

/** The merges among these: also those behind a second parent, where somebody has pulled them together with work of their own. */
export async function mergesIn(mirror: Mirror, commits: string): Promise<(Found & { ours: string; theirs: string })[]> {
  const how = ['log', '-z', '--min-parents=2', '--no-color', '--no-decorate', '--format=%P%n%H%n%aI%n%B'];
  const { stdout } = await mirror.run([...how, commits, '--']);
  return piecesOf(stdout.toString()).map((text) => {
    const [parents, ...entry] = text.split('\n') as [string, ...string[]];
    const [ours, theirs] = parents.split(' ') as [string, string];
    return { ...entryOf(entry.join('\n')), ours, theirs };
  });
}

/** Newest first. */
export const history = async (mirror: Mirror, tip: string): Promise<LedgerEntry[]> =>
  parse(await mirror.ask([...log, tip, '--']));

export const commitAt = async (mirror: Mirror, commit: string): Promise<Found> =>
  parse(await mirror.ask([...log, '--max-count=1', commit, '--']))[0]!;

const log = ['log', '-z', '--first-parent', '--no-color', '--no-decorate', '--format=%H%n%aI%n%B'];

type Found = LedgerEntry & { given?: number };

const piecesOf = (text: string): string[] => text.split('\0').filter(Boolean);
const parse = (text: string): Found[] => piecesOf(text).map(entryOf);

function entryOf(text: string): Found {
  const [commit, at, ...body] = text.split('\n');
  const paragraphs = body.join('\n').trim().split('\n\n');
  const key = new RegExp(`^${KEY}: (\\S.*)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  const message = (key === undefined ? paragraphs : paragraphs.slice(0, -1)).join('\n\n');
  const given = new RegExp(`^${ATTEMPT}: (\\d+)$`, 'm').exec(paragraphs.at(-1)!)?.[1];
  return { commit: commit!, message, at: new Date(at!).toISOString(), key, ...(given && { given: Number(given) }) };
}
