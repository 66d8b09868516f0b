// A real server, a scripted model and verbs run as real processes: what the tests of the command line live in.
import { execFile, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import * as accounts from '../../../scripts/demo/scenario/accounts/script';
import { scenario as demo } from '../../../scripts/demo/scenario/tales/milestone';
import { planOf } from '../../../scripts/demo/scenario/project';
import { startScriptedModel, type Scenario } from '../../../scripts/scripted-model/server';
import { seeRun, type Sight } from '../../../scripts/cli/sight';
import { Processes } from '../../../scripts/stack/processes';
import { openRunFolder } from '../../../scripts/stack/run-folder';
import { startServer } from '../../../scripts/stack/server';
import { findTemporal } from '../../../src/adapters/provision/temporal';

// How long a run may stand still, and how often a verb is tried that no worker answers: a busy machine is slow.
const PATIENCE_MS = 300_000;
const TRIES = 5;

const RUN = join(__dirname, '../../../scripts/run.cjs');

/** Projects that get stuck, and the stage whose agent is not sure enough. */
const unsure: Record<string, string> = { stuck: 'understand', wedged: 'specify' };

/** The demo's first milestone, and no other. */
const scenario: Scenario = async (call) => {
  const answer = call.schema === 'MilestonePlan' ? { json: planOf([accounts.script.milestone]) } : await demo(call);
  return 'json' in answer && unsure[call.project] === call.stage
    ? { json: { ...(answer.json as object), confidence: 0.1 } }
    : answer;
};

export type Said = { code: number; out: string; err: string };

/** Then a verb has changed nothing. */
export const isUnanswered = ({ out, err }: Said): boolean => /no worker answers/i.test(out + err);

export async function openTown() {
  const folder = openRunFolder();
  const server = await startServer({ temporal: await findTemporal() });
  const model = await startScriptedModel({ scenario });
  const processes = new Processes(folder.logs);
  const env = {
    ...{ TEMPORAL_ADDRESS: server.address, MILLWRIGHT_UI_URL: server.uiUrl, MILLWRIGHT_HOME: folder.mirrors },
    ...{ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'scripted', OPENAI_FAMILY: 'scripted-a' },
    ...{ REVIEW_FAMILY: 'scripted-b', NO_COLOR: '1' },
  };

  const children = new Set<ChildProcess>();
  const verbWith = (over: NodeJS.ProcessEnv, ...args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const options = { env: { ...process.env, ...env, ...over }, cwd: folder.path };
      const child = execFile(process.execPath, [RUN, ...args], options, (_, out, err) => {
        children.delete(child);
        resolve({ code: child.exitCode ?? -1, out, err });
      });
      children.add(child);
      child.stdin?.end();
    });
  let served = false;
  /** Once there is a worker, what none answers is said again. A start, a watch or a wait is said once. */
  const verb = async (...args: string[]): Promise<Said> => {
    const again = served && args[0] !== 'start' && !args.some((arg) => ['--watch', '--wait'].includes(arg));
    for (let left = again ? TRIES : 1; ; left--) {
      const said = await verbWith({}, ...args);
      if (left === 1 || !isUnanswered(said)) return said;
    }
  };

  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const connected = { client, connection, namespace: 'default', address: server.address, uiUrl: server.uiUrl };
  const see = (id: string): Promise<Sight> => seeRun(connected, id);

  return {
    ...{ folder, server, client, env, verb, verbWith, see },
    startWorker: async () => {
      const worker = await processes.start({ name: 'worker', command: process.execPath, args: [RUN, 'worker'], env });
      await worker.said(/^ready millwright /m, 300);
      served = true;
      return worker;
    },
    /** Looks until it is so. Patience begins anew with all that changes. */
    until: async (id: string, so: (sight: Sight) => boolean): Promise<Sight> => {
      for (let [seen, since] = ['', Date.now()]; ; await pause(300)) {
        const sight = await see(id).catch(() => undefined); // It may not have been started yet.
        if (sight !== undefined && so(sight)) return sight;
        if (JSON.stringify(sight) !== seen) [seen, since] = [JSON.stringify(sight), Date.now()];
        if (Date.now() > since + PATIENCE_MS) throw new Error(`${id} is not so yet: ${JSON.stringify(sight, null, 2)}`);
      }
    },
    /** What status says once it says this, or in the end: the server's lists are a little late. */
    status: async (shows: RegExp, ...args: string[]): Promise<string> => {
      for (const deadline = Date.now() + 60_000; ; await pause(300)) {
        const { out } = await verb('status', ...args);
        if (shows.test(out) || Date.now() > deadline) return out;
      }
    },
    close: async () => {
      for (const child of children) child.kill();
      await connection.close();
      await processes.close();
      await model.close();
      await server.stop();
      folder.close();
    },
  };
}

export type Town = Awaited<ReturnType<typeof openTown>>;
