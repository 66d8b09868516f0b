// Temporal's real server on PostgreSQL, as an operator runs it, on this machine: for tests, and to try things out.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import type { Postgres } from '../../src/adapters/provision/postgres';
import type { TemporalServer } from '../../src/adapters/provision/temporal-server';
import { grpc, grpcCode } from './grpc-code';
import { startGuarded } from './guarded';
import { demandFree, freePorts, HIGHEST_LOW, isListening, LOOPBACK } from './ports';
import { DATABASE_USER, startPart, startPostgres, type Database, type Part } from './postgres';
import { ensureSearchAttributes } from './search-attributes';
import { serverConfig, type Ports } from './server-config';

const execute = promisify(execFile);

const STORES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;
const RETENTION_SECONDS = 72 * 60 * 60;
const NAMESPACE_SECONDS = 120;
const CONNECTING_TRIES = 20;

export type PostgresServerOptions = {
  programs: TemporalServer & { postgres: Postgres };
  /** The database, the settings and the logs; what is there goes on. */
  folder: string;
  /** The server's; found free where it is not given. */
  port?: number;
  /** Beside `default`. */
  namespaces?: readonly string[];
};

/** Killed and started again as one process: the server. Its database is another part. */
export type PostgresServer = Part & { name: string; address: string; database: Database; logs: string };

export async function startPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const { folder, programs, port } = options;
  if (port !== undefined && port > HIGHEST_LOW)
    throw new Error(`Port ${port} is too high: in Temporal's tables a server's port is at most ${HIGHEST_LOW}.`);
  if (port !== undefined) await demandFree(port, 'the Temporal server', '--port <number>');
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o755 });
  chmodSync(folder, 0o755); // its database runs as somebody else, and has to pass through
  const [database, ...found] = await freePorts(1 + PORTS);
  const ports = portsOf(port ?? found[0]!, found);
  const closing: Part[] = [];
  try {
    const log = join(logs, 'postgres.log');
    const postgres = await startPostgres({ programs: programs.postgres, folder, port: database!, log });
    closing.push(postgres);
    await makeTables(programs.sqlTool, postgres);
    const server = await startTemporal(options, ports, postgres, join(logs, 'temporal.log'));
    closing.push(server);
    const address = `${LOOPBACK}:${ports.frontend.grpc}`;
    await prepare(address, ['default', ...(options.namespaces ?? [])]);
    const stop = async () => {
      await server.stop();
      await postgres.stop();
    };
    return {
      ...{ name: 'Temporal server, PostgreSQL', address, database: postgres, logs, stop, lost: server.lost },
      ...{ kill: () => server.kill(), restart: () => server.restart() },
      get pid() {
        return server.pid;
      },
    };
  } catch (error) {
    for (const part of closing.reverse()) await part.stop();
    throw error;
  }
}

const PORTS = 8;

function portsOf(frontend: number, [, ...more]: readonly number[]): Ports {
  const [a, b, c, d, e, f, g] = more as [number, number, number, number, number, number, number];
  return {
    frontend: { grpc: frontend, membership: a },
    history: { grpc: b, membership: c },
    matching: { grpc: d, membership: e },
    worker: { grpc: f, membership: g },
  };
}

async function startTemporal(
  { folder, programs }: PostgresServerOptions,
  ports: Ports,
  postgres: Database,
  log: string,
) {
  const file = join(folder, 'server.yaml');
  const dynamic = join(folder, 'dynamic.yaml');
  writeFileSync(dynamic, stringify(dynamicValues));
  const config = serverConfig(
    ports,
    { port: postgres.port, user: DATABASE_USER, password: postgres.password },
    dynamic,
  );
  writeFileSync(file, stringify(config), { mode: 0o600 });
  const args = ['--config-file', file, '--allow-no-auth', 'start'];
  const { grpc: port } = ports.frontend;
  return startPart("Temporal's server", log, {
    begin: (output) => startGuarded({ command: programs.server, args, cwd: folder, output }),
    isReady: async () => (await isListening(port)) && answers(`${LOOPBACK}:${port}`),
    end: 'SIGTERM',
    revive: true,
  });
}

const dynamicValues = {
  // One waiting query is the default: a status that is asked for twice at once would be refused.
  'history.MaxBufferedQueryCount': [{ value: 50 }],
  // New search attributes are known at once, not after some seconds.
  'system.forceSearchAttributesCacheRefreshOnRead': [{ value: true }],
};

/** Making them twice is making them once. */
async function makeTables(sqlTool: string, { port, password }: Database): Promise<void> {
  const connection = {
    ...{ SQL_PLUGIN: 'postgres12_pgx', SQL_HOST: LOOPBACK, SQL_PORT: `${port}`, SQL_USER: DATABASE_USER },
    SQL_PASSWORD: password,
  };
  const env = { ...process.env, ...connection };
  const tool = async (...args: string[]) => {
    for (let tries = 1; ; tries++) {
      try {
        return await execute(sqlTool, args, { env, maxBuffer: 2 ** 26 });
      } catch (error) {
        const { stderr, stdout } = error as { stderr?: string; stdout?: string };
        const said = (stderr || stdout || String(error)).trim().slice(-500);
        // It gives a database that has just come up one moment to answer, which on a busy machine may be too short.
        if (tries === CONNECTING_TRIES || !said.includes('no usable database connection'))
          throw new Error(`temporal-sql-tool ${args.join(' ')} failed: ${said}`, { cause: error });
      }
      await pause(1_000);
    }
  };
  for (const [database, schema] of Object.entries(STORES)) {
    await tool('--db', database, 'create-database');
    // A database without a version has no tables yet.
    await tool('--db', database, 'update-schema', '--schema-name', `postgresql/v12/${schema}`).catch(async () => {
      await tool('--db', database, 'setup-schema', '-v', '0.0');
      await tool('--db', database, 'update-schema', '--schema-name', `postgresql/v12/${schema}`);
    });
  }
}

async function answers(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address, interceptors: [] });
  try {
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getClusterInfo({}));
    return true;
  } catch {
    return false; // It listens, but does not serve yet.
  } finally {
    await connection.close();
  }
}

/** Its namespaces and our search attributes; resolves when both can be used. */
async function prepare(address: string, namespaces: readonly string[]): Promise<void> {
  const connection = Connection.lazy({ address });
  try {
    for (const namespace of namespaces) {
      await register(connection, namespace);
      await untilKnown(connection, namespace);
      await ensureSearchAttributes(connection, namespace);
    }
  } finally {
    await connection.close();
  }
}

async function register(connection: Connection, namespace: string): Promise<void> {
  const seconds = { seconds: RETENTION_SECONDS as never };
  await connection.workflowService
    .registerNamespace({ namespace, workflowExecutionRetentionPeriod: seconds })
    .catch((error: unknown) => {
      if (grpcCode(error) !== grpc.alreadyExists) throw error;
    });
}

/** Each of its parts reads the list of namespaces now and then. */
async function untilKnown(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + NAMESPACE_SECONDS * 1000;
  for (;;) {
    try {
      return void (await connection.workflowService.countWorkflowExecutions({ namespace }));
    } catch (error) {
      if (grpcCode(error) !== grpc.notFound || Date.now() > deadline) throw error;
      await pause(200);
    }
  }
}
