// Reads a report of one JSON object a line, whose last line says how many came before it.
import { z } from 'zod';

/** The events, or undefined when the report is missing, damaged or cut off: then nothing in it counts. */
export function reportLines<S extends z.ZodType>(event: S, report: string): z.output<S>[] | undefined {
  const lines = report.split('\n');
  if (lines.pop() !== '') return undefined;
  try {
    const events = lines.map((line) => event.parse(JSON.parse(line)));
    const end = End.safeParse(JSON.parse(lines.at(-1) ?? 'null'));
    return end.success && end.data.lines === lines.length - 1 ? events : undefined;
  } catch {
    return undefined;
  }
}

const End = z.object({ event: z.literal('end'), lines: z.number() });
