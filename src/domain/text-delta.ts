// A text by what it has in common with another: small where the other is large and at hand on both sides.

/** Lines of its own, and stretches of the old text's lines. */
export type TextDelta = readonly (string | readonly [from: number, count: number])[];

// Shorter stretches are everywhere, and cost more to name than to write.
const STRETCH = 3;
const LOOKED_AT = 64;

export function deltaOf(old: string, text: string): TextDelta {
  const [from, to] = [old.split('\n'), text.split('\n')];
  const places = stretchesOf(from);
  const delta: (string | [number, number])[] = [];
  let next = 0;
  for (let at = 0; at < to.length;) {
    const likely = [next, ...(places.get(stretchAt(to, at)) ?? []).slice(0, LOOKED_AT)];
    const [start, length] = likely
      .map((start) => [start, lengthOfMatch(from, start, to, at)] as const)
      .reduce((best, one) => (one[1] > best[1] ? one : best));
    if (length >= STRETCH) {
      delta.push([start, length]);
      next = start + length;
      at += length;
    } else delta.push(to[at++]!);
  }
  return delta;
}

/** Undefined where it was made of another text. */
export function withDelta(old: string, delta: TextDelta): string | undefined {
  const lines = old.split('\n');
  if (delta.some((part) => typeof part !== 'string' && part[0] + part[1] > lines.length)) return undefined;
  return delta
    .flatMap((part) => (typeof part === 'string' ? [part] : lines.slice(part[0], part[0] + part[1])))
    .join('\n');
}

const stretchAt = (lines: readonly string[], at: number): string => lines.slice(at, at + STRETCH).join('\n');

function stretchesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const at of lines.keys()) {
    const stretch = stretchAt(lines, at);
    const known = places.get(stretch);
    if (known === undefined) places.set(stretch, [at]);
    else known.push(at);
  }
  return places;
}

function lengthOfMatch(from: readonly string[], start: number, to: readonly string[], at: number): number {
  let length = 0;
  while (start + length < from.length && at + length < to.length && from[start + length] === to[at + length]) length++;
  return length;
}
