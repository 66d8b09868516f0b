// A run of chaos takes hours. Each trial is put down as it ends, and a run that is begun again goes on with those that are missing.
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { Ended, exitCodes } from '../cli/exit-codes';
import type { Outcome } from './table';

type Drawing = { seed: string; server: string };

/** Of every line. */
const BEGINNING = '{"seed":';

export type ChaosRecord = { outcomes: Outcome[]; add(outcome: Outcome): void };

export function openRecord(file: string | undefined, drawing: Drawing): ChaosRecord {
  const outcomes = file === undefined ? [] : recordedIn(file, drawing);
  return {
    outcomes,
    add(outcome) {
      outcomes.push(outcome);
      if (file !== undefined) appendFileSync(file, lineOf(drawing, outcome));
    },
  };
}

const lineOf = (drawing: Drawing, outcome: Outcome): string => `${JSON.stringify({ ...drawing, ...outcome })}\n`;

function recordedIn(file: string, { seed, server }: Drawing): Outcome[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const half = lines.pop()!;
  const outcomes = lines.map((line, at) => {
    const recorded = parsed(line, `${file}:${at + 1}`);
    if (recorded.seed !== seed || recorded.server !== server)
      throw new Ended(
        exitCodes.usage,
        `${file} records seed ${recorded.seed} on ${recorded.server}, not seed ${seed} on ${server}. Name another file.`,
      );
    const { seed: _, server: __, ...outcome } = recorded;
    return outcome;
  });
  // Killed while it wrote, a run left half a line: that trial is run again.
  if (!half.startsWith(BEGINNING.slice(0, half.length))) throw noRecord(`${file}:${lines.length + 1}`);
  truncateSync(file, statSync(file).size - Buffer.byteLength(half));
  return outcomes;
}

function parsed(line: string, where: string): Outcome & Drawing {
  try {
    return JSON.parse(line) as Outcome & Drawing;
  } catch {
    throw noRecord(where);
  }
}

const noRecord = (where: string) =>
  new Ended(exitCodes.usage, `${where} is no line of a record. Name another file, or take that line out.`);
