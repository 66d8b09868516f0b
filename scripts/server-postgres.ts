// npm run server:postgres: Temporal's real server on PostgreSQL on this machine, until Ctrl-C.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../src/adapters/provision/cache';
import { providePostgres } from '../src/adapters/provision/postgres';
import { provideTemporalServer } from '../src/adapters/provision/temporal-server';
import { Ended, exitCodes } from './cli/exit-codes';
import { run, verb, whole } from './cli/verb';
import { whereTyped } from './cli/where';
import { startPostgresServer, type PostgresServer } from './stack/postgres-server';
import { closeOnSignal } from './stack/processes';

type Options = { port?: number; folder?: string; clean?: boolean };

const command = verb({
  name: 'server:postgres',
  does: "Starts Temporal's own server on a PostgreSQL of its own, both natively on this machine, and keeps them up until Ctrl-C. What they know stays in the folder. The first time it builds the server, which needs Go and takes minutes.",
  examples: ['', '--port 7233', '--folder ./temporal --clean'],
})
  .option('--port <number>', "the server's port (default: a free one)", whole)
  .option('--folder <folder>', 'where database, settings and logs lie (default: in the cache folder)')
  .option('--clean', 'begins with an empty database: forgets all that is there')
  .action(serve);

/** What a folder of ours has in it: another one is not emptied. */
const OURS = ['data', 'logs', 'password', 'server.yaml', 'dynamic.yaml'];

async function serve({ port, folder: named, clean }: Options): Promise<void> {
  const say = (line: string) => console.log(line);
  const cache = cacheFolder();
  const folder = named === undefined ? join(cache, 'server-postgres') : resolve(whereTyped('server:postgres'), named);
  if (clean) empty(folder);
  mkdirSync(folder, { recursive: true });
  const programs = { ...(await provideTemporalServer(cache, say)), postgres: await providePostgres(cache, say) };
  let server: PostgresServer | undefined;
  const starting = startPostgresServer({ programs, folder, ...(port !== undefined && { port }) });
  const close = async () => (await starting.catch(() => undefined))?.stop();
  closeOnSignal(async () => void (await close()));
  try {
    server = await starting;
    say(words(server, folder));
    const lost = await Promise.race([server.lost, server.database.lost]);
    throw new Ended(exitCodes.failed, lost);
  } finally {
    await close();
  }
}

function empty(folder: string): void {
  if (!existsSync(folder)) return;
  const others = readdirSync(folder).filter((name) => !OURS.includes(name));
  if (others.length > 0)
    throw new Ended(
      exitCodes.usage,
      `--clean: ${folder} has ${others[0]} in it, which no server of ours left there. Name another folder.`,
    );
  for (const name of OURS) rmSync(join(folder, name), { recursive: true, force: true });
}

const words = ({ address, database }: PostgresServer, folder: string): string => `
Up, until Ctrl-C:
  server    ${address}, namespace default
  database  PostgreSQL on 127.0.0.1:${database.port}
  folder    ${folder}
  It has no UI of its own.

Next, in another terminal:
  TEMPORAL_ADDRESS=${address} npm run dev
  TEMPORAL_ADDRESS=${address} npm run start -- --request "Add JWT login" --repository ../api --project demo
`;

run(command);
