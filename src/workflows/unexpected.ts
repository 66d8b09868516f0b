// What an activity's failure is to the run, where nothing else has made something of it.
import { summarize, type Handoff } from '../domain/handoff';
import { noUsage } from '../domain/usage';

/** A failure that nobody planned for stops the stage and asks a person: it never ends the run, and never passes for a result. */
export function unexpected(error: unknown): Handoff {
  const root = rootCause(error);
  const cause = (root as { type?: string }).type ?? root.name;
  return { status: 'blocked', cause, confidence: 0, summary: summarize(root.message), facts: {}, usage: noUsage };
}

export function rootCause(error: unknown): Error {
  const cause = (error as { cause?: unknown } | undefined)?.cause;
  return cause instanceof Error ? rootCause(cause) : error instanceof Error ? error : new Error(String(error));
}
