// What several do side by side: parts of one stage's work, each with a name of its own and the files that are its alone.
import { z } from 'zod';
import type { Fact } from './handoff';
import { partNames } from './names';

export const Part = z.object({ name: z.string().min(1), files: z.array(z.string()).optional() });
export type Part = z.infer<typeof Part>;

/** The parts that a fact lists, under plain names. */
export function partsIn(fact: Fact | undefined): Part[] {
  const parts = Array.isArray(fact) ? fact.flatMap((part) => Part.safeParse(part).data ?? []) : [];
  const names = partNames(parts.map(({ name }) => name));
  return parts.map((part, at) => ({ ...part, name: names[at]! }));
}
