// A run of chaos takes hours. Each trial is put down as it ends, and a run that is begun again goes on with those that are missing.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Ended, exitCodes } from '../cli/exit-codes';
import type { Outcome } from './table';

type Drawing = { seed: string; server: string };

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
  const text = readFileSync(file, 'utf8');
  // Killed while it wrote, a run left half a line: that trial is run again.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) writeFileSync(file, whole);
  return whole.split('\n').flatMap((line, at) => {
    if (line === '') return [];
    const recorded = parsed(line, `${file}:${at + 1}`);
    if (recorded.seed !== seed || recorded.server !== server)
      throw new Ended(
        exitCodes.usage,
        `${file} records seed ${recorded.seed} on ${recorded.server}, not seed ${seed} on ${server}. Name another file.`,
      );
    const { seed: _, server: __, ...outcome } = recorded;
    return [outcome];
  });
}

function parsed(line: string, where: string): Outcome & Drawing {
  try {
    return JSON.parse(line) as Outcome & Drawing;
  } catch {
    throw new Ended(exitCodes.usage, `${where} is no line of a record. Name another file, or take that line out.`);
  }
}
