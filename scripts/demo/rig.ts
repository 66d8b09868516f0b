// What the demo runs beside itself: a Temporal server, the scripted model, and one worker process for all queues.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LOOPBACK, portOf } from '../stack/ports';
import { Processes, type ProcessOptions, type RunningProcess } from '../stack/processes';
import type { RunFolder } from '../stack/run-folder';
import { startServer } from '../stack/server';
import type { BringDown } from './bring-down';
import { scenarioFile } from './scenario';
import { workerHome } from './environment';
import { keepUp, type KeptUp } from './keep-up';

const ROOT = join(__dirname, '../..');
// Long enough to end well. What takes longer is not worth waiting for: all of it is thrown away.
const GRACE_SECONDS = 3;
const WORKER_READY_SECONDS = 180;
// A model takes its time, and a tree that changes in jumps tells nobody anything.
const ANSWER_MS = 150;

export type Place = { folder: RunFolder; down: BringDown; say(line: string): void };
export type RaisedServer = KeptUp & { address: string; uiUrl: string };

/** Started again on the same ports and the same database, so that nobody who knows it has to learn anything new. */
export async function raiseServer(temporal: string, { folder, down, say }: Place): Promise<RaisedServer> {
  const log = join(folder.logs, 'server.log');
  let at: { port?: number; uiPort?: number } = {};
  let starting: ReturnType<typeof startServer> | undefined;
  const kept = await keepUp({
    ...{ name: 'Temporal server', say, down },
    start: async () => {
      starting = startServer({ temporal, dbFile: folder.database, log, ...at });
      const server = await starting;
      at = { port: portOf(server.address), uiPort: portOf(server.uiUrl) };
      return { ...server, log };
    },
    stop: async () => (await starting?.catch(() => undefined))?.stop(),
  });
  return { ...kept, address: `${LOOPBACK}:${at.port}`, uiUrl: `http://${LOOPBACK}:${at.uiPort}` };
}

/** It keeps its own record of every call, in the run's folder, whatever happens to the others: another model has another. */
export async function raiseScriptedModel(
  name: string,
  pipeline: string,
  place: Place,
): Promise<KeptUp & { url: string }> {
  let url = `http://${LOOPBACK}:0`;
  const args = () => [
    ...['--import', pathToFileURL(require.resolve('tsx')).href, join(ROOT, 'scripts/scripted-model/main.ts')],
    ...['--scenario', scenarioFile(pipeline)],
    ...['--log', join(place.folder.logs, `${name.replaceAll(' ', '-')}-calls.jsonl`)],
    ...['--port', new URL(url).port || '0', '--latency', `${ANSWER_MS}`],
  ];
  const kept = await raise(name, place, async (start) => {
    const model = await start({ args: args() });
    url = (await model.said(/listening on (http\S+)/))[1]!;
    return model;
  });
  return { ...kept, url };
}

/** `server` is what it works for: it is not started before that is up. */
export function raiseWorker(place: Place, server?: Pick<KeptUp, 'up'>): Promise<KeptUp> {
  return raise('worker', place, async (start) => {
    await server?.up();
    const worker = await start({ args: [join(ROOT, 'scripts/run.cjs'), 'worker'], env: workerHome(place.folder) });
    await worker.said(/^ready /m, WORKER_READY_SECONDS);
    return worker;
  });
}

type Start = (options: Pick<ProcessOptions, 'args' | 'env'>) => Promise<RunningProcess>;

/** A process of Node's. Each start has its number, and with it a log of its own. */
function raise(name: string, { folder, down, say }: Place, ready: (start: Start) => Promise<RunningProcess>) {
  const processes = new Processes(folder.logs);
  let starting: Promise<RunningProcess> | undefined;
  let count = 0;
  const start: Start = (options) => {
    const numbered = `${name.replaceAll(' ', '-')}-${++count}`;
    return (starting = processes.start({ name: numbered, command: process.execPath, cwd: ROOT, ...options }));
  };
  const stop = async () => {
    await starting?.catch(() => undefined); // Only what has begun can be ended.
    await processes.close(GRACE_SECONDS);
  };
  return keepUp({ name, say, down, stop, start: () => ready(start) });
}
