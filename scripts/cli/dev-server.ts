// The server that `dev` works with: one of its own, with a database that is kept, or the one that TEMPORAL_ADDRESS names.
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { exitInWords } from '../stack/guarded';
import { endOfLog } from '../stack/log-file';
import { startServer } from '../stack/server';
import { Ended, exitCodes } from './exit-codes';
import { prepareNamespace, withServer } from './server';
import { whereTyped } from './where';

// Where the links of the other verbs expect it.
const UI_PORT_UP = 1_000;

export type DevServer = {
  address: string;
  namespace: string;
  uiUrl: string;
  temporal: string;
  dbFile?: string;
  /** Fails when the server ends on its own. */
  ended: Promise<never>;
  stop(): Promise<void>;
};

export type DevOptions = { port: number; uiPort?: number; dbFile?: string };

export async function devServer(options: DevOptions, logs: string, say: (line: string) => void): Promise<DevServer> {
  const { port, uiPort = port + UI_PORT_UP } = options;
  // By port, so that two servers never share one.
  const kept = join(cacheFolder(), 'dev', `temporal-${port}.sqlite`);
  const dbFile = options.dbFile === undefined ? kept : resolve(whereTyped('dev'), options.dbFile);
  await mkdir(dirname(dbFile), { recursive: true });
  const temporal = await findTemporal({ onProgress: say });
  const log = join(logs, 'server.log');
  const server = await startServer({ temporal, dbFile, port, uiPort, log });
  const { address, uiUrl } = server;
  let stopping = false;
  const ended = server.exited.then((exit): Promise<never> | never => {
    if (stopping) return new Promise<never>(() => undefined);
    throw new Ended(exitCodes.failed, `The Temporal server has ended (${exitInWords(exit)}). ${endOfLog(log)}`);
  });
  ended.catch(() => undefined); // It may end before anybody waits for that.
  const stop = async () => {
    stopping = true;
    await server.stop();
  };
  return { address, namespace: 'default', uiUrl, temporal, dbFile, ended, stop };
}

/** It must answer before anything is started against it; it is not ours to stop. */
export function yourServer(): Promise<DevServer> {
  return withServer(async (server) => {
    await prepareNamespace(server, (words) => console.error(words));
    const { address, namespace, uiUrl } = server;
    const ended = new Promise<never>(() => undefined);
    return { address, namespace, uiUrl, temporal: 'temporal', ended, stop: async () => undefined };
  });
}
