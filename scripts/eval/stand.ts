// Everything that an evaluation delivers with: a Temporal server, the scripted model, one worker process for all queues.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { readConfig } from '../../src/workers/config';
import type { BringDown } from '../demo/bring-down';
import { enterFolder, pointAtScript, pointAtServer, workerHome } from '../demo/environment';
import { sandboxOf } from '../demo/own-tests';
import { startScriptedModel } from '../scripted-model/server';
import { connect, type Connected } from '../stack/connection';
import { Processes } from '../stack/processes';
import { openRunFolder, type RunFolder } from '../stack/run-folder';
import { startServer } from '../stack/server';
import { definitionsFor } from './definitions';
import { scenarioOf, type Part } from './scenario';
import type { Task } from './tasks';

const ROOT = join(__dirname, '../..');
const READY_SECONDS = 180;

export type Stand = {
  server: Connected;
  folder: RunFolder;
  /** What the scripted model plays, by project. */
  parts: Map<string, Part>;
  /** Fails when something that it stands on has ended. */
  lost: Promise<never>;
};

type Raising = {
  tasks: readonly Task[];
  parallel: number;
  threshold: number;
  down: BringDown;
  say(line: string): void;
};

export async function raise({ tasks, parallel, threshold, down, say }: Raising): Promise<Stand> {
  const folder = openRunFolder();
  down.add(() => folder.close());
  enterFolder(folder);
  const parts = new Map<string, Part>();
  const model = await startScriptedModel({ scenario: scenarioOf(parts) });
  down.add(() => model.close());
  const temporal = await startServer({ temporal: await findTemporal({ onProgress: say }), dbFile: folder.database });
  down.add(() => temporal.stop());
  pointAtServer(temporal, folder);
  pointAtScript({ frontier: model.url });
  process.env.MILLWRIGHT_CONFIG = written(join(folder.path, 'definitions'), definitionsFor(threshold));
  process.env.MILLWRIGHT_TEST_RUNS = `${parallel}`;
  await sandboxOf(readConfig()).describe();
  const processes = new Processes(folder.logs);
  down.add(() => processes.close(3));
  const worker = await processes.start({
    ...{ name: 'worker', command: process.execPath, args: [join(ROOT, 'scripts/run.cjs'), 'worker'], cwd: ROOT },
    env: workerHome(folder),
  });
  await worker.said(/^ready /m, READY_SECONDS);
  const server = await connect();
  down.add(() => server.connection.close());
  say(`${tasks.length} tasks, ${parallel} deliveries at once`);
  return { server, folder, parts, lost: Promise.race([ended('worker', worker), ended('Temporal server', temporal)]) };
}

async function ended(what: string, { exited }: { exited: Promise<unknown> }): Promise<never> {
  await exited;
  throw new Error(`The ${what} has ended in the middle; what was measured so far is lost.`);
}

function written(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
