// How things that are written down as JSON are told apart.
import { createHash } from 'node:crypto';

export const digestOfJson = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex');
