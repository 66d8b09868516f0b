// What a page tells its reader to do, done as it stands there: its commands, with a server, workers and a model behind them.
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startScriptedModel, type LoggedCall, type Scenario } from '../scripts/scripted-model/server';
import { Processes } from '../scripts/stack/processes';
import { openRunFolder } from '../scripts/stack/run-folder';
import { startServer } from '../scripts/stack/server';
import { findTemporal } from '../src/adapters/provision/temporal';
import { git } from './adapters/git/ground';

export const ROOT = join(__dirname, '..');
const PATIENCE_SECONDS = 240;

export type Stack = {
  run: (command: string) => Promise<string>;
  repository: (name: string) => string;
  calls: readonly LoggedCall[];
  close: () => Promise<void>;
};

/** The commands of the first block for a shell. */
export function commandsIn(section: string): string[] {
  const [, block] = /```sh\n([\s\S]*?)```/.exec(section)!;
  return block!.trim().split(/(?<!\\)\n/);
}

/** Server, workers in a process of their own, and a scripted model, as `npm run dev` and an endpoint would be. */
export async function openStack(scenario: Scenario, reader: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const folder = openRunFolder();
  const temporal = await findTemporal();
  const server = await startServer({ temporal });
  const model = await startScriptedModel({ scenario, logMessages: true });
  const processes = new Processes(folder.logs);
  const programs = join(folder.path, 'bin');
  mkdirSync(programs);
  symlinkSync(temporal, join(programs, 'temporal'));
  const env = {
    ...process.env,
    ...{ PATH: `${programs}:${process.env.PATH}`, NO_COLOR: '1' },
    ...{ TEMPORAL_ADDRESS: server.address, MILLWRIGHT_HOME: folder.mirrors },
    ...{ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'scripted', OPENAI_FAMILY: 'scripted-a' },
    ...{ REVIEW_FAMILY: 'scripted-b' },
    ...reader,
  };
  const args = [join(ROOT, 'scripts/run.cjs'), 'worker'];
  const worker = await processes.start({ name: 'worker', command: process.execPath, args, env });
  await worker.said(/^ready /m, PATIENCE_SECONDS);
  return {
    run: (command) => ran(command, env),
    repository: (name) => join(folder.path, `${name}.git`),
    calls: model.calls,
    close: async () => {
      await processes.close();
      await model.close();
      await server.stop();
      folder.close();
    },
  };
}

/** In the folder of Millwright. One that fails is an error with all that it said. */
export function ran(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd: ROOT, timeout: PATIENCE_SECONDS * 1000 };
    const child = execFile('/bin/sh', ['-c', command], options, (error, out, complaint) =>
      error === null ? resolve(out) : reject(new Error(`${command}\n${out}${complaint}`)),
    );
    child.stdin?.end();
  });
}

/** Status, query and list are looked at again until they show what the page says to look for. */
export async function untilItWaits({ run }: Pick<Stack, 'run'>, command: string): Promise<string> {
  const sought = [
    [/run status/, /waits for approval/],
    [/query .*--type status/, /"subject"/],
    [/workflow list/, /demo\/add/],
  ].find(([which]) => which!.test(command))?.[1];
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; ; await pause(500)) {
    const answer = await run(command).catch((error: Error) => error);
    const found = typeof answer === 'string' && (sought === undefined || sought.test(answer));
    if (found) return answer;
    if (sought === undefined || Date.now() > deadline) throw new Error(`${command}\n${String(answer)}`);
  }
}

export async function untilMerged(repository: string): Promise<void> {
  const merges = () => git(repository, 'rev-list', '--merges', '--count', 'main');
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; merges() === '0'; await pause(300)) {
    if (Date.now() > deadline) throw new Error('nothing was merged');
  }
}
