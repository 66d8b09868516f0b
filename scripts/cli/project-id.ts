// The id of a project that was given none: its request's first words, and a few random characters so that it is its own.
import { randomBytes } from 'node:crypto';

const WORDS = 4;
const WORDS_LIMIT_CHARS = 36;
const FILLERS = new Set(['a', 'an', 'and', 'the', 'to', 'of', 'for', 'in', 'on', 'with', 'this', 'that', 'my', 'our']);

export function projectIdFor(request: string, random = randomBytes(3).toString('hex')): string {
  const plain = request.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = (plain.match(/[a-z0-9]+/g) ?? []).filter((word) => !FILLERS.has(word)).slice(0, WORDS);
  const start = words.join('-').slice(0, WORDS_LIMIT_CHARS).replace(/-+$/, '');
  return `${start || 'project'}-${random}`;
}
