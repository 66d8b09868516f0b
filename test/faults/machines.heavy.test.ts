// Three machines that share nothing but the repository's URL, the model's endpoint and Temporal's address finish a project
// between them, while each is struck dead in turn. The checker has the last word.
import { randomBytes } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { freePorts, portOf } from '../../scripts/stack/ports';
import type { Fault } from '../../scripts/trial/evidence';
import { follow } from '../../scripts/trial/follow';
import { gather } from '../../scripts/trial/gather';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { violationsIn } from '../../scripts/trial/judged';
import { processTable } from '../../scripts/trial/processes';
import { projectScenario } from '../../scripts/trial/scenario';
import { listen, newRepository, surround } from '../../scripts/trial/surroundings';
import { ended } from '../../scripts/trial/worker';
import { queues } from '../../src/domain/queues';
import { serve } from '../adapters/git/daemon';
import { openNet, type Machine, type Net } from './machines';
import { PATIENCE_MS } from './sweeping';

const NAME = 'apart';
// Every queue has two machines, and no machine has every queue.
const serves = { one: 'workflows,gate', two: 'workflows,agents,sandbox', three: 'agents,sandbox,gate' };
const MILESTONES = 3;
const STRIKES = 6;
const EVENTS_BETWEEN = 45;

let ground: Ground;
let net: Net;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround([NAME]);
  net = await openNet();
}, PATIENCE_MS);
afterAll(async () => {
  net.close();
  await ground.close();
});

/** As git://…, for whoever can reach it. */
async function serveRepositories(folder: string): Promise<string> {
  const [port] = await freePorts(1);
  await serve(folder, port!);
  return `git://${net.address}:${await net.share(port!)}/target.git`;
}

/** A worker that is started again whenever it dies, as by a supervisor of that machine. */
function kept(machine: Machine, stopping: () => boolean, died: (pid: number) => void) {
  let worker = started();
  function started(): ChildProcess {
    const child = machine.start(serves[machine.name as keyof typeof serves]);
    child.once('exit', () => {
      if (stopping()) return;
      died(child.pid!);
      worker = started();
    });
    return child;
  }
  return { machine, pid: () => worker.pid!, child: () => worker };
}

/** Strikes the next machine dead each time that they have got somewhere. */
async function strikeInTurn(
  client: Client,
  machines: readonly { pid(): number }[],
  over: AbortSignal,
): Promise<number> {
  let [strikes, before] = [0, 0];
  while (!over.aborted && strikes < STRIKES) {
    const events = await eventsIn(client).catch(() => before);
    if (events > before + EVENTS_BETWEEN) {
      before = events;
      process.kill(machines[strikes++ % machines.length]!.pid(), 'SIGKILL');
    }
    await pause(500);
  }
  return strikes;
}

async function eventsIn(client: Client): Promise<number> {
  let events = 0;
  for await (const { historyLength } of client.workflow.list()) events += historyLength ?? 0;
  return events;
}

test(
  'killed in turn, they finish a project of three milestones between them',
  async () => {
    const began = new Date().toISOString();
    const folder = join(ground.folder, NAME);
    mkdirSync(folder);
    const listener = await listen();
    ground.scenarios.set(NAME, projectScenario(MILESTONES)(listener.port));
    const repository = await newRepository(folder);
    const url = await serveRepositories(folder);
    const before = processTable();
    const canaries = [0, 1].map(() => `canary${randomBytes(16).toString('hex')}`);
    const model = `http://${net.address}:${await net.share(portOf(ground.model.url))}/v1`;
    const around = await surround(ground, { folder, namespace: NAME, canaries }, []);
    const env = {
      ...around.environment,
      TEMPORAL_ADDRESS: `${net.address}:${await net.share(portOf(ground.server.address))}`,
      ...{ OPENAI_BASE_URL: model, LOCAL_BASE_URL: model, MILLWRIGHT_INSTALL: 'off' },
    };
    const machines = await Promise.all(Object.keys(serves).map((name) => net.machine(name, folder, env)));
    process.stdout.write(`machines are ${net.kind}\n`);
    // Otherwise the networks would be for show.
    if (net.kind === 'network namespaces')
      for (const machine of machines) {
        expect(await machine.reaches('127.0.0.1', portOf(ground.server.address))).toBe(false);
        expect(await machine.reaches(net.address, portOf(env.TEMPORAL_ADDRESS))).toBe(true);
      }

    const faults: Fault[] = [];
    let stopping = false;
    const workers = machines.map((machine) =>
      kept(
        machine,
        () => stopping,
        (pid) => faults.push({ at: new Date().toISOString(), what: 'worker ended: SIGKILL', pid }),
      ),
    );
    const client = new Client({ connection: ground.connection, namespace: NAME });
    const handle = await client.workflow.start('deliverProject', {
      ...{ taskQueue: queues.workflows, workflowId: NAME },
      args: [{ request: 'Sums, please.', repository: url }],
    });
    const over = new AbortController();
    const striking = strikeInTurn(client, workers, over.signal);
    const { hung } = await follow(client, NAME, () => true);
    over.abort();
    const strikes = await striking;
    const worker = {
      sessions: machines.flatMap(({ sessions }) => sessions),
      async stop() {
        stopping = true;
        await Promise.all(workers.map(({ child }) => ended(child())));
      },
    };
    const { folder: evidence } = await gather({
      ...{ ground, client, name: NAME, folder, repository, before, worker, faults, canaries, began },
      ...{ ended: new Date().toISOString(), boundSeconds: 25, packets: () => listener.packets() },
      ...{ machine: folder, scratches: machines.map(({ scratch }) => scratch) },
    });
    listener.close();
    await around.close();

    expect(hung).toBe(false);
    expect(await violationsIn(evidence)).toEqual([]);
    expect(await handle.result()).toMatchObject({
      outcome: 'complete',
      milestones: [1, 2, 3].map((at) => ({ id: `sums-${at}`, state: 'merged' })),
    });
    expect(strikes).toBeGreaterThanOrEqual(machines.length);
    expect(new Set(workersIn(folder))).toEqual(new Set(Object.keys(serves)));
    process.stdout.write(`${strikes} kills, ${worker.sessions.length} workers\n`);
  },
  PATIENCE_MS,
);

/** The machines on which a mirror was made: each took part. */
const workersIn = (folder: string): string[] =>
  readdirSync(join(folder, 'homes')).filter((name) =>
    readdirSync(join(folder, 'homes', name)).some((file) => file.endsWith('.git')),
  );
