// The processes of this machine, told apart by a mark on their command lines.
import { readdirSync, readFileSync } from 'node:fs';
import { processTable, type ProcessEntry } from '../scripts/trial/processes';
import { until } from './until';

/** A long sleep of this process's own: other tests of this machine look for theirs. */
export const markOf = (seconds: number) => `${seconds}.${`${process.pid}`.padStart(7, '0')}`;

/** Those whose command line holds the mark, this one aside. */
export const processesWith = (mark: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandOf(pid).includes(mark));

export function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** Whether one of them is this very command, not what is to become it. */
export const runs = (command: readonly string[]): boolean =>
  processesWith(command.at(-1)!).some((pid) => commandOf(pid) === [...command, ''].join('\0'));

/** What was killed is gone when it comes to its turn; what was not stays for longer than this waits. */
export const untilGone = (mark: string): Promise<void> => until(() => processesWith(mark).length === 0);

/** Those that say this word in their command line or their environment. */
export const processesSaying = (word: string): ProcessEntry[] =>
  processTable().filter(({ pid, command }) => `${command} ${environmentOf(pid)}`.includes(word));

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it has ended, or is another user's
  }
}
