// The checker: a finished trial in, the broken invariants of FAULTS.md out. That a trial ended well proves nothing.
import type { Evidence } from './evidence';
import { clean } from './invariants/clean';
import { contained } from './invariants/contained';
import { gated } from './invariants/gated';
import { live } from './invariants/live';
import { once } from './invariants/once';
import { replays, type Bundle } from './invariants/replays';
import { told } from './invariants/told';
import { worked } from './invariants/worked';

export const invariants = { I1: once, I2: gated, I3: worked, I4: live, I5: contained, I6: clean, I8: told };

export type Violation = { invariant: keyof typeof invariants | 'I7'; words: string };

export async function check(evidence: Evidence, bundles: readonly Bundle[]): Promise<Violation[]> {
  const found = Object.entries(invariants).flatMap(([invariant, holds]) =>
    holds(evidence).map((words) => ({ invariant: invariant as Violation['invariant'], words })),
  );
  const replayed = (await replays(evidence, bundles)).map((words) => ({ invariant: 'I7' as const, words }));
  return [...found, ...replayed];
}

export const inWords = ({ invariant, words }: Violation): string => `${invariant}: ${words}`;
