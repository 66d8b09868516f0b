// What a probe says: which faults can be seen by calls like those of the tests, and how the tests call the code.
import { z } from 'zod';
import type { Sandbox, SandboxResult } from '../../activities/ports';
import type { Mutant, TriedFunction } from '../../domain/mutants';

export const SECONDS_AT_MOST = 90; // of the 120 that a run has

export type Seen = {
  /** Whether the tests came to the place of the fault. */
  reached: boolean;
  /** Of the calls like those of the tests, the share that the fault answers otherwise; null where none could be made. */
  differs: number | null;
};

export type Probed = { seen: Seen[]; functions: TriedFunction[] };

export type ProbeInput = {
  sandbox: Sandbox;
  folder: string;
  tests: readonly string[];
  mutants: readonly Mutant[];
  seconds: number;
  signal?: AbortSignal;
};

const Report = z.object({
  functions: z.array(z.object({ file: z.string(), name: z.string(), calls: z.number(), arguments: z.number() })),
  mutants: z.array(z.object({ reached: z.boolean(), differs: z.number().min(0).max(1).nullable() })),
});

export const UNKNOWN: Seen = { reached: true, differs: null };

/**
 * Of what was not asked, nothing is known. The tested code runs beside the driver, as the same user: it can end it, and
 * nothing that was said until then counts.
 */
export function understood(
  { report, exitCode, stopped }: SandboxResult,
  mutants: readonly Mutant[],
  asked: readonly Mutant[],
): Probed | undefined {
  if (exitCode !== 0 || stopped !== null) return undefined;
  const told = Report.safeParse(jsonOf(report));
  if (!told.success || told.data.mutants.length !== asked.length) return undefined;
  const of = new Map(asked.map((mutant, at) => [mutant, told.data.mutants[at]!]));
  return { seen: mutants.map((mutant) => of.get(mutant) ?? UNKNOWN), functions: told.data.functions };
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
