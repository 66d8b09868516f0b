// The processes that a verb runs beside itself (workers, a scripted model): each with its log, ended last to first.
// None outlives this process (see guarded.ts), so what they run needs no convention but to end well on SIGTERM.
import { appendFileSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { exitInWords, startGuarded, type Command, type Exit, type Guarded } from './guarded';
import { endOfLog, withLog } from './log-file';

export type ProcessOptions = {
  /** Names the log file, and the process in messages. */
  name: string;
  command: string;
  args?: readonly string[];
  /** Over this process's own environment. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Also receives each line that it prints. */
  show?: (line: string) => void;
};

export type RunningProcess = {
  name: string;
  pid: number;
  log: string;
  exited: Promise<Exit>;
  /** Waits until it has printed this; an error in words when it ends first, or takes too long. */
  said(pattern: RegExp, withinSeconds?: number): Promise<RegExpMatchArray>;
  /** SIGTERM, and SIGKILL when the grace is over. */
  stop(graceSeconds?: number): Promise<void>;
};

export class Processes {
  private readonly running: RunningProcess[] = [];

  constructor(private readonly logs: string) {}

  async start(options: ProcessOptions): Promise<RunningProcess> {
    const log = join(this.logs, `${options.name}.log`);
    const guarded = await launch(options, log);
    const { pid, exited } = guarded;
    const started: RunningProcess = {
      ...{ name: options.name, pid, log, exited },
      said: (pattern, withinSeconds = 30) => said(started, pattern, withinSeconds),
      stop: async (graceSeconds) => void (await guarded.stop(graceSeconds)),
    };
    this.running.push(started);
    return started;
  }

  /** Ends them one after the other, the last started first: what others depend on goes last. */
  async close(graceSeconds?: number): Promise<void> {
    for (const started of this.running.splice(0).reverse()) await started.stop(graceSeconds);
  }
}

async function launch({ env, show, ...command }: ProcessOptions, log: string): Promise<Guarded> {
  const guarded = (output: Command['output']) => startGuarded({ ...command, env: { ...process.env, ...env }, output });
  if (show === undefined) return withLog(log, guarded);
  const shown = await guarded('pipe');
  for (const stream of [shown.child.stdout!, shown.child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      appendFileSync(log, `${line}\n`);
      show(line);
    });
  }
  return shown;
}

async function said({ name, log, exited }: RunningProcess, pattern: RegExp, seconds: number) {
  const exit = exited.then((how) => `ended (${exitInWords(how)})`);
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const ended = await Promise.race([exit, pause(50)]);
    const match = readFileSync(log, { encoding: 'utf8', flag: 'a+' }).match(pattern);
    if (match !== null) return match;
    const trouble = ended ?? (Date.now() > deadline ? `took more than ${seconds} seconds` : undefined);
    if (trouble !== undefined) throw new Error(`${name} ${trouble} before it was ready. ${endOfLog(log)}`);
  }
}

/** On Ctrl-C, SIGTERM or hang-up: closes in order, then leaves. The same signal again leaves at once. */
export function closeOnSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(128 + constants.signals[signal])));
  }
}
