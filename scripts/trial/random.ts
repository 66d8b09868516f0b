// Chance that can be repeated: the same seed, the same choices.
import { createHash } from 'node:crypto';

export type Random = {
  /** From 0 up to, and without, 1. */
  next(): number;
  between(low: number, high: number): number;
  oneOf<T>(all: readonly T[]): T;
};

export function randomFrom(seed: string): Random {
  let count = 0;
  const next = () => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE() / 2 ** 32;
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    oneOf: (all) => all[Math.floor(next() * all.length)]!,
  };
}
