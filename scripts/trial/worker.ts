// The worker of a trial: a real process for all queues, started again whenever it dies, each time as on another machine.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = join(__dirname, '../..');
const GRACE_MS = 30_000;

export type Death = { at: string; pid: number; how: string };

export type Watched = {
  /** The process that lives now. */
  pid(): number;
  /** Those that ended by themselves, or were ended by a fault. */
  deaths: Death[];
  /** Each process leads a session: what it leaves behind is known by it. */
  sessions: number[];
  /** As `docker stop` does it. */
  stop(): Promise<void>;
};

/** `onDeath` is told of every end that was not asked for, before another one is started. */
export function startWorkers(folder: string, env: NodeJS.ProcessEnv, onDeath: (death: Death) => void): Watched {
  const deaths: Death[] = [];
  const sessions: number[] = [];
  let child = launch();
  let stopping = false;

  function launch(): ChildProcess {
    const number = sessions.length + 1;
    for (const name of ['logs', 'homes']) mkdirSync(join(folder, name), { recursive: true });
    const log = openSync(join(folder, 'logs', `worker-${number}.log`), 'a');
    // Killed, it leaves whatever it had started to itself, as anywhere else; but none of them outlives this process.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, 'scripts/run.cjs', 'worker'], {
      ...{ cwd: ROOT, detached: true, stdio: ['ignore', log, log] },
      env: { ...env, MILLWRIGHT_HOME: join(folder, 'homes', `${number}`) },
    });
    closeSync(log);
    sessions.push(started.pid!);
    started.once('exit', (code, signal) => {
      if (stopping) return;
      const death = { at: new Date().toISOString(), pid: started.pid!, how: signal ?? `exit code ${code}` };
      deaths.push(death);
      onDeath(death);
      child = launch();
    });
    return started;
  }

  return {
    ...{ deaths, sessions },
    pid: () => child.pid!,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await Promise.race([ended, pause(GRACE_MS, undefined, { ref: false })]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
