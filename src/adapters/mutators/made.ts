// The mutants that were made of each file, and of these such as lie in its changed lines.
import { z } from 'zod';
import type { ChangedFile, Mutant } from '../../domain/mutants';

/** What was made of one file. */
export const Made = z.object({
  mutants: z.array(
    z.object({ kind: z.string(), line: z.number(), start: z.number(), end: z.number(), replacement: z.string() }),
  ),
  trouble: z.string().optional(),
});
export type Made = z.infer<typeof Made>;

export type MadeMutants = {
  mutants: Mutant[];
  /** Files without any, and why. */
  untried: string[];
};

/** In the order of the files; undefined where there was no answer. */
export function madeOf(files: readonly ChangedFile[], made: readonly Made[] | undefined): MadeMutants {
  if (made === undefined)
    return { mutants: [], untried: files.map(({ path }) => `${path}: its mutants could not be made in time`) };
  const all: MadeMutants = { mutants: [], untried: [] };
  made.forEach(({ mutants, trouble }, at) => {
    const { path: file, content, lines } = files[at]!;
    if (trouble !== undefined) all.untried.push(`${file}: it does not parse: ${trouble}`);
    const changed = new Set(lines);
    for (const mutant of mutants)
      if (changed.has(mutant.line))
        all.mutants.push({ ...mutant, file, original: content.slice(mutant.start, mutant.end) });
  });
  return all;
}
