// A Temporal development server of our own, with what Millwright needs of it; it ends with this process at the latest.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../src/domain/names';
import { exitInWords, startGuarded, type Exit, type Guarded } from './guarded';
import { endOfLog, withLog } from './log-file';
import { demandFree, freePorts, isListening, LOOPBACK } from './ports';

const NAMESPACE = 'default';
const READY_SECONDS = 120;
const ATTEMPTS = 3;

export type ServerOptions = {
  /** Path of the `temporal` binary. */
  temporal: string;
  /** The database; without it everything is forgotten at the end. */
  dbFile?: string;
  port?: number;
  uiPort?: number;
  /** Made beside `default`, each with our search attributes. */
  namespaces?: readonly string[];
  /** Of its dynamic configuration, what is to differ. */
  settings?: Readonly<Record<string, string | number>>;
  /** Path of the log file; without it the log goes when the server does. */
  log?: string;
};

export type Server = { address: string; uiUrl: string; pid: number; exited: Promise<Exit>; stop(): Promise<void> };

export async function startServer(options: ServerOptions): Promise<Server> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free when it was chosen is anybody's until the server listens there.
      const isLate = error instanceof Error && /address already in use/.test(error.message);
      if (!isLate || left === 0 || (options.port !== undefined && options.uiPort !== undefined)) throw error;
    }
  }
}

async function startOnce(options: ServerOptions): Promise<Server> {
  const { port, uiPort } = await choosePorts(options);
  const log = options.log ?? join(await mkdtemp(join(tmpdir(), 'millwright-server-')), 'server.log');
  const args = serverArgs(port, uiPort, options);
  const server = await withLog(log, (output) => startGuarded({ command: options.temporal, args, output }));
  await untilReady(server, port, log);
  return {
    address: `${LOOPBACK}:${port}`,
    uiUrl: `http://${LOOPBACK}:${uiPort}`,
    pid: server.pid,
    exited: server.exited,
    stop: async () => {
      await server.stop();
      if (options.log === undefined) await rm(dirname(log), { recursive: true, force: true });
    },
  };
}

async function choosePorts({ port, uiPort }: ServerOptions): Promise<{ port: number; uiPort: number }> {
  if (port !== undefined) await demandFree(port, 'the Temporal server', '--port <number>');
  if (uiPort !== undefined) await demandFree(uiPort, 'the Temporal UI', '--ui-port <number>');
  const [first, second] = await freePorts(2);
  return { port: port ?? first!, uiPort: uiPort ?? second! };
}

function serverArgs(port: number, uiPort: number, { dbFile, namespaces = [], settings = {} }: ServerOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...namespaces.flatMap((name) => ['--namespace', name]),
    ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    // One waiting query is the default: a status that is asked for twice at once would be refused.
    ...['--dynamic-config-value', 'history.MaxBufferedQueryCount=50'],
    // The development server's own limit makes an idle machine wait 40 ms before each activity.
    ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=10000'],
    ...Object.entries(settings).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ...(dbFile === undefined ? [] : storedIn(dbFile)),
  ];
}

// Three times as many workflows a second as without; the file survives a kill of the server all the same.
function storedIn(dbFile: string): string[] {
  const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL'];
  return ['--db-filename', dbFile, ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])];
}

async function untilReady(server: Guarded, port: number, log: string): Promise<void> {
  const patience = AbortSignal.timeout(READY_SECONDS * 1000);
  const outcome = await untilAnswering(server, port, patience);
  if (outcome === 'ready') return;
  await server.stop();
  const why = outcome === 'silent' ? `gave no answer for ${READY_SECONDS} seconds` : `ended (${outcome}) at once`;
  throw new Error(`The Temporal server, on port ${port}, ${why}. ${endOfLog(log)}`);
}

/** `ready`, `silent` when the patience is over, or how it ended. */
async function untilAnswering(server: Guarded, port: number, patience: AbortSignal): Promise<string> {
  const ended = server.exited.then(exitInWords);
  while (!patience.aborted) {
    // The port first: gRPC waits a second before it tries a refused address again.
    if ((await isListening(port)) && (await answers(`${LOOPBACK}:${port}`))) return 'ready';
    const end = await Promise.race([ended, pause(25)]);
    if (end !== undefined) return end;
  }
  return 'silent';
}

async function answers(address: string): Promise<boolean> {
  // Without interceptors nothing is tried again: the question is whether it answers now.
  const connection = Connection.lazy({ address, interceptors: [] });
  const question = () => connection.workflowService.describeNamespace({ namespace: NAMESPACE });
  try {
    await connection.withDeadline(Date.now() + 1_000, question);
    return true;
  } catch {
    return false; // It listens, but does not serve yet.
  } finally {
    await connection.close();
  }
}
