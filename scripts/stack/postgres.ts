// A PostgreSQL of our own in a folder: it can be killed and comes back, and ends with this process at the latest. Never as root.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Postgres } from '../../src/adapters/provision/postgres';
import { exitInWords, startGuarded, type Guarded } from './guarded';
import { endOfLog, withLog } from './log-file';
import { isListening, LOOPBACK } from './ports';

const execute = promisify(execFile);

export const DATABASE_USER = 'temporal';
const READY_SECONDS = 120;
// What is wrong at the first start is wrong for good; later it may be that a part which it needs is not back yet.
const FIRST_TRIES = 2;
const TRIES = 300;
const PAUSE_MS = 500;

/** Something that may be killed as a power cut does it, and started again where it was. */
export type Part = {
  readonly pid: number;
  /** SIGKILL; resolves when all of it is gone. */
  kill(): Promise<void>;
  /** Where it was, with what it had written; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves with words when it ends without having been told to. */
  readonly lost: Promise<string>;
};

export type Database = Part & { port: number; password: string };

type Options = { programs: Postgres; folder: string; port: number; log: string };

export async function startPostgres(options: Options): Promise<Database> {
  const { folder, port } = options;
  const data = join(folder, 'data');
  const password = passwordIn(folder);
  await demandReachable(folder);
  if (!existsSync(join(data, 'PG_VERSION'))) await initialize(options, data, password);
  const args = ['-D', data, '-p', `${port}`, ...settings];
  const part = await startPart('PostgreSQL', options.log, {
    begin: (output) => startGuarded({ ...asUser(options.programs.postgres, args), cwd: '/', output }),
    isReady: () => isListening(port),
    // Its fast way to stop: by SIGTERM it would wait for all who are connected.
    end: 'SIGINT',
  });
  return Object.assign(part, { port, password });
}

// What is acknowledged is on the disk: that is what is tried here. No socket in a folder that all may write to.
const settings = Object.entries({
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

async function initialize({ programs, folder }: Options, data: string, password: string): Promise<void> {
  rmSync(data, { recursive: true, force: true }); // a first start that was cut off
  mkdirSync(data, { mode: 0o700 });
  const given = join(folder, '.password');
  writeFileSync(given, password, { mode: 0o600 });
  const owner = unprivileged();
  if (owner !== undefined) for (const path of [data, given]) chownSync(path, owner.uid, owner.gid);
  const options = ['--username', DATABASE_USER, '--pwfile', given, '--auth', 'scram-sha-256', '--encoding', 'UTF8'];
  const { command, args } = asUser(programs.initdb, ['-D', data, '--locale', 'C', ...options]);
  try {
    await execute(command, args, { cwd: '/' });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`PostgreSQL could not make its database in ${data}: ${stderr?.trim() || message}`, {
      cause: error,
    });
  } finally {
    rmSync(given, { force: true });
  }
}

/** For as long as the folder is there. */
function passwordIn(folder: string): string {
  const file = join(folder, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

// ── as whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const accounts = () =>
  new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );

/** PostgreSQL refuses root, with reason. Its own account where there is one, else the one that owns nothing. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = accounts().get('postgres') ?? accounts().get('nobody');
  if (found === undefined || !(found.uid > 0))
    throw new Error(
      'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" for it. Run this as another user.',
    );
  return found;
}

async function demandReachable(folder: string): Promise<void> {
  const { command, args } = asUser('test', ['-x', folder]);
  await execute(command, args).catch(() => {
    throw new Error(
      `PostgreSQL does not run as root, and the account that it runs as cannot enter ${folder}. ` +
        'Let others pass through that folder and those above it (chmod a+x), or choose another: --folder',
    );
  });
}

function asUser(command: string, args: readonly string[]): { command: string; args: string[] } {
  const user = unprivileged();
  if (user === undefined) return { command, args: [...args] };
  const drop = ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--no-new-privs'];
  return { command: 'setpriv', args: [...drop, '--', command, ...args] };
}

// ── a part ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Kind = {
  begin(output: number): Promise<Guarded>;
  isReady(): Promise<boolean>;
  end: NodeJS.Signals;
  /** Started again when it ends by itself, as a supervisor does it: Temporal's server gives up where its database is out. */
  revive?: boolean;
};

/** Starts it, and again after it was killed. */
export async function startPart(name: string, log: string, kind: Kind): Promise<Part> {
  let lose: (words: string) => void;
  const lost = new Promise<string>((resolve) => (lose = resolve));
  let expected = false;
  let reviving: Promise<void> | undefined;
  let running = await begin(FIRST_TRIES);

  async function begin(tries: number): Promise<Guarded> {
    expected = false;
    for (let count = 1; ; count++) {
      const started = await withLog(log, (output) => kind.begin(output));
      const ended = await untilReady(name, log, kind, started);
      if (ended === undefined) {
        void started.exited.then((exit) => expected || outlive(exitInWords(exit)));
        return started;
      }
      if (count >= tries) throw new Error(`${name} ended (${ended}) before it was ready. ${endOfLog(log)}`);
      await pause(PAUSE_MS);
    }
  }

  function outlive(exit: string): void {
    const gone = `${name} has ended (${exit}). ${endOfLog(log)}`;
    if (!kind.revive) return lose(gone);
    reviving = begin(TRIES)
      .then((again) => void (running = again))
      .catch(() => lose(gone))
      .finally(() => (reviving = undefined));
  }

  const settled = async () => {
    await reviving;
    expected = true;
  };

  return {
    lost,
    get pid() {
      return running.pid;
    },
    async kill() {
      await settled();
      const children = await childrenOf(running.pid);
      if (isAlive(running.pid)) process.kill(running.pid, 'SIGKILL');
      await running.exited;
      for (const pid of children) while (isAlive(pid)) await pause(20);
    },
    async restart() {
      running = await begin(TRIES);
    },
    async stop() {
      await settled();
      if (isAlive(running.pid)) process.kill(running.pid, kind.end);
      await running.stop();
    },
  };
}

async function untilReady(name: string, log: string, kind: Kind, started: Guarded): Promise<string | undefined> {
  const ended = started.exited.then(exitInWords);
  const deadline = Date.now() + READY_SECONDS * 1000;
  while (!(await kind.isReady())) {
    const end = await Promise.race([ended, pause(50)]);
    if (end !== undefined) return end;
    if (Date.now() < deadline) continue;
    await started.stop();
    throw new Error(`${name} gave no answer for ${READY_SECONDS} seconds. ${endOfLog(log)}`);
  }
  return undefined;
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child, parent]) => (parent === pid ? [child!] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
