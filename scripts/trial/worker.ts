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
  /** One more process, for as long as the trial lasts; its end is not made good. */
  another(differently?: NodeJS.ProcessEnv): void;
  /** Those that ended by themselves, or were ended by a fault. */
  deaths: Death[];
  /** Each process leads a session: what it leaves behind is known by it. */
  sessions: number[];
  /** As `docker stop` does it. */
  stop(): Promise<void>;
  /** At once, and for good. */
  kill(): void;
};

type Where = { machine: string; environment: NodeJS.ProcessEnv };

/** `onDeath` is told of every end that was not asked for, before another one is started. */
export function startWorkers(folder: string, where: Where, onDeath: (death: Death) => void): Watched {
  const deaths: Death[] = [];
  const sessions: number[] = [];
  const others: ChildProcess[] = [];
  let stopping = false;
  let child = replaced(launch());

  function replaced(started: ChildProcess): ChildProcess {
    started.once('exit', (code, signal) => {
      if (stopping) return;
      const death = { at: new Date().toISOString(), pid: started.pid!, how: signal ?? `exit code ${code}` };
      deaths.push(death);
      onDeath(death);
      child = replaced(launch());
    });
    return started;
  }

  function launch(differently: NodeJS.ProcessEnv = {}): ChildProcess {
    const number = sessions.length + 1;
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const log = openSync(join(folder, 'logs', `worker-${number}.log`), 'a');
    // Killed, it leaves whatever it had started to itself, as anywhere else; but none of them outlives this process.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, 'scripts/run.cjs', 'worker'], {
      ...{ cwd: ROOT, detached: true, stdio: ['ignore', log, log] },
      env: { ...where.environment, MILLWRIGHT_HOME: join(where.machine, 'homes', `${number}`), ...differently },
    });
    closeSync(log);
    sessions.push(started.pid!);
    return started;
  }

  return {
    ...{ deaths, sessions },
    pid: () => child.pid!,
    another: (differently) => void others.push(launch(differently)),
    async stop() {
      stopping = true;
      await Promise.all([child, ...others].map(ended));
    },
    kill() {
      stopping = true;
      for (const one of [child, ...others]) one.kill('SIGKILL');
    },
  };
}

/** Told to end; struck dead where that takes too long. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await Promise.race([end, pause(GRACE_MS, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await end;
}
