// The Temporal server of a trial, whichever it is: one that can be killed, and comes back at its address with what it had acknowledged.
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { providePostgres } from '../../src/adapters/provision/postgres';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { provideTemporalServer } from '../../src/adapters/provision/temporal-server';
import { startPostgresServer } from '../stack/postgres-server';
import { startServer, type Server } from '../stack/server';

export type ServerUnderTest = {
  /** For the table of a report. */
  name: string;
  address: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Where it was, on the same database; resolves when it answers. */
  restart(): Promise<void>;
  /** Where it is a process of its own. */
  database?: { kill(): Promise<void>; restart(): Promise<void> };
  stop(): Promise<void>;
};

/** Every namespace that the trials need is there from the beginning. */
export type ServerMaker = (needs: { namespaces: readonly string[]; database: string }) => Promise<ServerUnderTest>;

/** Temporal's development server with its database in a file. */
export const developmentServer: ServerMaker = async ({ namespaces, database }) => {
  const temporal = await findTemporal();
  const start = (port?: number): Promise<Server> => startServer({ temporal, dbFile: database, namespaces, port });
  let server = await start();
  const { address } = server;
  return {
    name: 'development server, SQLite',
    address,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      await server.stop();
    },
    async restart() {
      server = await start(Number(address.split(':')[1]));
    },
    stop: () => server.stop(),
  };
};

/** Temporal's own server, with PostgreSQL beside it. The first time it is built. */
export const postgresServer: ServerMaker = async ({ namespaces, database }) => {
  const say = (line: string) => console.error(line);
  const cache = cacheFolder();
  const programs = { ...(await provideTemporalServer(cache, say)), postgres: await providePostgres(cache, say) };
  const folder = join(dirname(database), 'postgres');
  mkdirSync(folder);
  chmodSync(dirname(database), 0o711); // the database runs as somebody else, and has to pass through
  return startPostgresServer({ programs, folder, namespaces });
};

export const serverMakers: Readonly<Record<string, ServerMaker>> = {
  development: developmentServer,
  postgres: postgresServer,
};
