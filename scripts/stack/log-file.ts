// The log of a child process: a file that it writes to, and its end for a message that says why it failed.
import { closeSync, openSync, readFileSync } from 'node:fs';

const TAIL_CHARS = 2_000;

/** Lends the file's descriptor to `work`; a child that was started meanwhile keeps its own. */
export async function withLog<T>(log: string, work: (descriptor: number) => Promise<T>): Promise<T> {
  const descriptor = openSync(log, 'a');
  try {
    return await work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function endOfLog(log: string): string {
  // Made where it is missing: a process that is watched writes none before its first line.
  const all = readFileSync(log, { encoding: 'utf8', flag: 'a+' });
  const said = (panicIn(all)?.slice(0, TAIL_CHARS) ?? all.slice(-TAIL_CHARS)).trimEnd();
  return said === '' ? `It said nothing (${log}).` : `The end of ${log}:\n${said}`;
}

/** A program in Go says why before its stack, which is longer than what is shown. */
const panicIn = (log: string): string | undefined =>
  /^panic: /m.test(log) ? `panic: ${log.split(/^panic: /m).at(-1)}` : undefined;
