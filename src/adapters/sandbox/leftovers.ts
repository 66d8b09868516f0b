// What a worker leaves when it is killed in the few milliseconds in which bubblewrap starts up.
import { readdirSync, readFileSync } from 'node:fs';
import { inside } from './policy';

// A bubblewrap that lives, and has started nothing yet, is younger.
const SETTLED_SECONDS = 20;
const TICKS_A_SECOND = 100; // of /proc, on every platform that Linux has

type Process = { pid: number; parent: number; startedAt: number };

/**
 * Bubblewrap dies with the worker. Between its clone and its word to it, the clone does not die with bubblewrap yet: it
 * waits for that word for ever. It has run nothing and never will, but nobody would end it: this does, before a run.
 */
export function endLeftovers(): void {
  const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
  const parents = new Set(processes.map(({ parent }) => parent));
  const ours = processes.filter(({ pid }) => isOurs(pid));
  const known = new Set(ours.map(({ pid }) => pid));
  const now = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  for (const { pid, parent, startedAt } of ours) {
    // One that lives has a clone, and a clone that lives has a bubblewrap.
    if (known.has(parent) || parents.has(pid) || now - startedAt < SETTLED_SECONDS) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended meanwhile, or is another user's
    }
  }
}

function read(pid: number): Process | undefined {
  try {
    const [, parent, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { pid, parent: Number(parent), startedAt: Number(rest[17]) / TICKS_A_SECOND };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function isOurs(pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes('--die-with-parent') && words.includes(inside.node);
  } catch {
    return false;
  }
}
