// Machines, as far as one machine can be several: each has a network of its own, by which it reaches the others' world at one
// address and at a few ports, and a home, a cache and a scratch folder of its own. Where the system lets nobody make networks,
// they are plain processes, and say so.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/adapters/provision/cache';

const execute = promisify(execFile);
const ROOT = join(__dirname, '../..');
const LOOPBACK = '127.0.0.1';
// Whatever starts here ends with this process.
const WITH_US = ['--pdeathsig', 'KILL'];

export type Machine = {
  name: string;
  scratch: string;
  /** Its workers, one after the other: each leads a session. */
  sessions: number[];
  /** Starts a worker of these queues; resolves at once. */
  start(queues: string): ChildProcess;
  /** Whether a connection from there gets through. */
  reaches(host: string, port: number): Promise<boolean>;
};

export type Net = {
  /** `network namespaces` or `plain processes`. */
  kind: string;
  /** The one address at which all machines find what they share. */
  address: string;
  /** The port there that leads to this one of ours. */
  share(port: number): Promise<number>;
  machine(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<Machine>;
  close(): void;
};

export async function openNet(): Promise<Net> {
  const apart = canMakeNetworks();
  const address = apart ? `10.${(process.pid % 200) + 20}.${(process.pid >> 8) % 250}.1` : LOOPBACK;
  const holders: ChildProcess[] = [];
  const relays: Server[] = [];
  // The user of a sandbox has to pass through to what is installed there.
  const caches = mkdtempSync(join(tmpdir(), 'millwright-caches-'));
  chmodSync(caches, 0o755);
  return {
    kind: apart ? 'network namespaces' : 'plain processes',
    address,
    async share(port) {
      if (!apart) return port;
      const relay = createServer((socket) => {
        const through = connect(port, LOOPBACK);
        const end = () => (socket.destroy(), through.destroy());
        socket.on('error', end).on('close', end).pipe(through).on('error', end).on('close', end).pipe(socket);
      });
      // The address is there as soon as the first machine is.
      relay.listen(0, '0.0.0.0');
      await once(relay, 'listening');
      relays.push(relay);
      return (relay.address() as AddressInfo).port;
    },
    async machine(name, folder, env) {
      const inside = apart ? await network(holders, address) : [];
      return machineOf({ name, folder, cache: installedIn(join(caches, name)), env, inside });
    },
    close() {
      relays.forEach((relay) => relay.close());
      holders.forEach((holder) => holder.kill('SIGKILL'));
      rmSync(caches, { recursive: true, force: true });
    },
  };
}

function canMakeNetworks(): boolean {
  try {
    execFileSync('unshare', ['--net', 'ip', 'link', 'add', 'mw-a', 'type', 'veth', 'peer', 'name', 'mw-b'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** A network that lasts as long as its holder, with one cable to here; answers how a command gets in. */
async function network(holders: ChildProcess[], address: string): Promise<string[]> {
  const number = holders.length + 2;
  const holder = spawn('setpriv', [...WITH_US, 'unshare', '--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  holders.push(holder);
  const inside = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];
  // Until it has left our own network, the cable would stay here.
  const own = execFileSync('readlink', ['/proc/self/ns/net']).toString();
  while (execFileSync('readlink', [`/proc/${holder.pid}/ns/net`]).toString() === own);
  const [here, there] = [`mw${process.pid}-${number}`.slice(-14), 'uplink'];
  const there4 = address.replace(/1$/, `${number}`);
  await execute('ip', ['link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', `${holder.pid}`]);
  await execute('ip', ['address', 'add', address, 'peer', there4, 'dev', here]);
  await execute('ip', ['link', 'set', here, 'up']);
  for (const args of [
    ['address', 'add', there4, 'peer', address, 'dev', there],
    ['link', 'set', there, 'up'],
    ['link', 'set', 'lo', 'up'],
  ])
    await execute(inside[0]!, [...inside.slice(1), 'ip', ...args]);
  return inside;
}

type Making = { name: string; folder: string; cache: string; env: NodeJS.ProcessEnv; inside: readonly string[] };

function machineOf({ name, folder, cache, env, inside }: Making): Machine {
  const own = (kind: string) => join(folder, kind, name);
  mkdirSync(join(folder, 'scratch'), { recursive: true, mode: 0o711 });
  mkdirSync(own('scratch'), { mode: 0o700 });
  for (const kind of ['homes', 'logs']) mkdirSync(join(folder, kind), { recursive: true });
  const sessions: number[] = [];
  const variables = {
    ...env,
    ...{ MILLWRIGHT_HOME: own('homes'), MILLWRIGHT_CACHE: cache, MILLWRIGHT_SCRATCH: own('scratch') },
  };
  const spawned = (command: readonly string[], output: number | 'ignore') => {
    const all = ['setpriv', ...WITH_US, ...inside, process.execPath, ...command];
    return spawn(all[0]!, all.slice(1), {
      ...{ cwd: ROOT, detached: true, stdio: ['ignore', output, output] },
      env: variables,
    });
  };
  return {
    ...{ name, sessions, scratch: own('scratch') },
    start(queues) {
      const log = openSync(join(folder, 'logs', `${name}-${sessions.length + 1}.log`), 'a');
      const worker = spawned(['scripts/run.cjs', 'worker', '--queues', queues], log);
      closeSync(log);
      sessions.push(worker.pid!);
      return worker;
    },
    async reaches(host, port) {
      const knock = `require('net').connect(${port}, '${host}', () => process.exit(0)).on('error', () => process.exit(1))`;
      const [code] = (await once(spawned(['-e', knock], 'ignore'), 'exit')) as [number | null];
      return code === 0;
    },
  };
}

/** With what an operator would have installed there. */
function installedIn(cache: string): string {
  const [own, theirs] = [join(cacheFolder(), 'bubblewrap'), join(cache, 'bubblewrap')];
  mkdirSync(cache, { mode: 0o755 });
  if (existsSync(own)) cpSync(own, theirs, { recursive: true });
  return cache;
}
