// Input that a schema refuses, in words for the command line: which value, and what was expected.
import type { z } from 'zod';
import { Ended, exitCodes } from './exit-codes';

/** `named` says how the person spelled a field: --max-parallel for maxParallel. */
export function demand<S extends z.ZodType>(schema: S, value: unknown, named: (field: string) => string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => `${named(String(path[0] ?? ''))}: ${lower(message)}`);
  throw new Ended(exitCodes.usage, words.join('\n'));
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

export const asOption = (field: string): string =>
  `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
