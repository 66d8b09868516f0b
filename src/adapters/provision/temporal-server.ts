// Temporal's own server and the tool that makes its tables: found in the cache, or built there from Go's modules.
import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from './bubblewrap';
import { cached, exists } from './cache';

const execute = promisify(execFile);

const VERSION = 'v1.32.1';
const MODULE = 'go.temporal.io/server/cmd';
// Both packages would install a program called after their last folder.
const PROGRAMS = { 'temporal-server': `${MODULE}/server`, 'temporal-sql-tool': `${MODULE}/tools/sql` } as const;
const CACHED_AS = `temporal-server-${VERSION}`;
const BUILD_LIMIT_MS = 2 * 60 * 60_000;

export type TemporalServer = { server: string; sqlTool: string };

/** What the cache has of it; undefined where there is nothing. Builds nothing. */
export async function findTemporalServer(cache: string): Promise<TemporalServer | undefined> {
  const folder = join(cache, CACHED_AS);
  return (await exists(folder)) ? programsIn(folder) : undefined;
}

/** Finds it, or builds it, which takes minutes of all processors; Go checks what it downloads against its checksum database. */
export async function provideTemporalServer(
  cache: string,
  onProgress: Progress = () => undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<TemporalServer> {
  const found = await findTemporalServer(cache);
  if (found !== undefined) return found;
  await demandGo(environment);
  onProgress(`Building Temporal's server ${VERSION} into ${cache}: once, and it takes some minutes …`);
  return programsIn(
    await cached(cache, CACHED_AS, async (draft) => {
      for (const [program, source] of Object.entries(PROGRAMS)) {
        const bin = join(draft, '.bin');
        await mkdir(bin);
        await install(`${source}@${VERSION}`, { ...environment, GOBIN: bin, CGO_ENABLED: '0' });
        await rename(join(bin, source.split('/').at(-1)!), join(draft, program));
        await rm(bin, { recursive: true });
      }
    }),
  );
}

const programsIn = (folder: string): TemporalServer => ({
  server: join(folder, 'temporal-server'),
  sqlTool: join(folder, 'temporal-sql-tool'),
});

async function demandGo(env: NodeJS.ProcessEnv): Promise<void> {
  await execute('go', ['version'], { env }).catch((error: unknown) => {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no `go` on the PATH' : lastLine(error);
    throw new Error(
      `Temporal's server has to be built, and ${why}. Install Go 1.26 or newer (https://go.dev/dl), then do this again; ` +
        'or use `npm run dev`, whose server needs none.',
    );
  });
}

async function install(source: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['install', '-ldflags', '-s -w', source];
  await execute('go', args, { env, timeout: BUILD_LIMIT_MS, maxBuffer: 2 ** 24 }).catch((error: unknown) => {
    throw new Error(`go install ${source} failed: ${lastLine(error)}`);
  });
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1)!.slice(0, 300);
}
