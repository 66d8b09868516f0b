// The processes of this machine, as /proc has them: who was there before a trial, and who is left after it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type ProcessEntry = {
  pid: number;
  parent: number;
  session: number;
  /** In ticks since the machine started: with the pid, it names a process for good. */
  started: number;
  command: string;
  folder: string;
};

export function processTable(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
}

function read(pid: number): ProcessEntry | undefined {
  try {
    const [state, parent, , session, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (state === 'Z' || state === 'X') return undefined; // it has ended; only nobody has asked yet how
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return {
      pid,
      parent: Number(parent),
      session: Number(session),
      started: Number(rest[15]),
      command,
      folder: cwd(pid),
    };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function cwd(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // another user's
  }
}

/** Whether somebody has stopped it (SIGSTOP). */
export function isFrozen(pid: number): boolean {
  try {
    return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it has ended
  }
}
