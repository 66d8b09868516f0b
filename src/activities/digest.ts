// How texts, and things that are written down as JSON, are told apart.
import { createHash } from 'node:crypto';

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

export const digestOfJson = (value: unknown): string => digestOfText(JSON.stringify(value ?? null));

/** Of nothing, where there is no note: what is signed has the same words either way. */
export const digestOfNote = (note = ''): string => digestOfText(note);
