// Starts a command that cannot outlive this process, however this process ends, and without the command's help.
//
// A shell opens the read end of a pipe as descriptor 3, leaves a small watcher at it, and becomes the command. Only this
// process holds the write end, so the kernel closes it when this process is gone, SIGKILL included; the watcher then
// ends the command, gently first. Command, watcher and whatever they start are one process group:
// - what the command leaves behind ends with it;
// - Ctrl-C in the terminal reaches this process alone, which decides the order in which things end;
// - while the watcher lives, the system gives the command's pid to nobody else, so no stranger is ever signalled.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

const GRACE_SECONDS = 10;

const BECOME_THE_COMMAND = `
  watch() {
    read -r word <&3
    kill -TERM $$
    for second in $(seq ${GRACE_SECONDS}); do sleep 1; kill -0 $$ || break; done
    kill -s KILL -- -$$
  }
  watch </dev/null >/dev/null 2>&1 &
  exec "$@" 3<&-`;

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type Guarded = {
  pid: number;
  child: ChildProcess;
  exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL when the grace is over; resolves when it is gone. Stopping twice is stopping once. */
  stop(graceSeconds?: number): Promise<Exit>;
};

export type Command = {
  command: string;
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** A descriptor for stdout and stderr, or `pipe` to read them from `child`. */
  output: number | 'pipe';
};

export async function startGuarded({ command, args = [], env, cwd, output }: Command): Promise<Guarded> {
  const shellArgs = ['-c', BECOME_THE_COMMAND, 'sh', command, ...args];
  const child = spawn('/bin/sh', shellArgs, { stdio: ['ignore', output, output, 'pipe'], env, cwd, detached: true });
  const exited = untilExited(child);
  await once(child, 'spawn');
  return { pid: child.pid!, child, exited, stop: (graceSeconds = GRACE_SECONDS) => stop(child, exited, graceSeconds) };
}

async function untilExited(child: ChildProcess): Promise<Exit> {
  const lifeline = child.stdio[3] as Writable;
  lifeline.on('error', () => undefined); // Nothing is ever written; that the watcher is gone is no news.
  const exit = await new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  endTheGroup(child.pid!);
  lifeline.destroy();
  return exit;
}

function endTheGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

async function stop(child: ChildProcess, exited: Promise<Exit>, graceSeconds: number): Promise<Exit> {
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
  return exited.finally(() => clearTimeout(patience));
}

export const exitInWords = ({ code, signal }: Exit): string => (signal === null ? `exit code ${code}` : `by ${signal}`);
