// One trial: something is delivered while its worker suffers, and everything that every side recorded is put into one folder.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { queues } from '../../src/domain/queues';
import type { Scenario } from '../scripted-model/server';
import type { Fault } from './evidence';
import { follow, type Followed } from './follow';
import { gather } from './gather';
import type { Ground } from './ground';
import { processTable } from './processes';
import { BOUND_SECONDS, recoveriesOf, type Recovery } from './recovery';
import { milestoneScenario, projectScenario } from './scenario';
import { listen, newRepository, surround, type Equipment, type Surroundings } from './surroundings';
import { startWorkers, type Watched } from './worker';

export type Plan = {
  /** Names its namespace, its project and its folder. */
  name: string;
  /** What is delivered: a project of so many milestones, or a milestone alone. */
  milestones?: number;
  /** What the worker does to itself: see src/workers/crash.ts. */
  crash?: string;
  /** What the machine of its workers has of its own, for a fault to strike it. */
  equipment?: readonly Equipment[];
  /** What is done to it from outside, while it runs; told of each fault. */
  suffers?: (victim: Victim) => Promise<void>;
  /** Over what the model says otherwise. */
  says?: (scenario: Scenario) => Scenario;
  /** Whether by now somebody is there to approve; always, where it does not say. */
  mayApprove?: () => boolean;
};

export type Victim = Pick<Surroundings, 'lines' | 'disk' | 'clock' | 'direct'> & {
  ground: Ground;
  worker: Watched;
  handle: WorkflowHandle;
  struck(what: string, pid?: number): void;
  over: AbortSignal;
};

export type Tried = Omit<Followed, 'starts'> & {
  folder: string;
  faults: Fault[];
  recoveries: Recovery[];
  seconds: number;
};

export async function runTrial(ground: Ground, plan: Plan): Promise<Tried> {
  const { name, milestones, crash, equipment = [], suffers, says = (as) => as, mayApprove = () => true } = plan;
  const began = new Date().toISOString();
  const folder = join(ground.folder, name);
  const faults: Fault[] = [];
  const before = processTable();
  const struck = (what: string, pid?: number) =>
    void faults.push({ at: new Date().toISOString(), what, ...(pid && { pid }) });
  const listener = await listen();
  const scenario = milestones === undefined ? milestoneScenario : projectScenario(milestones);
  ground.scenarios.set(name, says(scenario(listener.port)));
  const repository = await newRepository(folder);
  const canaries = [0, 1].map(() => `canary${randomBytes(16).toString('hex')}`);
  const around = await surround(ground, { folder, namespace: name, canaries, ...(crash && { crash }) }, equipment);
  const worker = startWorkers(folder, around, ({ how, pid }) => struck(`worker ended: ${how}`, pid));
  const client = new Client({ connection: ground.connection, namespace: name });
  const over = new AbortController();
  const deaf = ground.onServer((what) => struck(what));
  const breakOff = () => {
    worker.kill();
    around.disk?.close();
  };
  ground.underway.add(breakOff);
  try {
    const handle = await client.workflow.start(milestones === undefined ? 'deliverMilestone' : 'deliverProject', {
      ...{ taskQueue: queues.workflows, workflowId: name },
      args: [{ request: 'Sums, please.', repository }],
    });
    const { lines, disk, clock, direct } = around;
    const victim = { ...{ ground, worker, handle, struck, over: over.signal, lines, direct }, disk, clock };
    const suffering = suffers?.(victim) ?? Promise.resolve();
    const { starts, ...followed } = await follow(client, name, mayApprove);
    over.abort();
    await suffering;
    const ended = new Date().toISOString();
    const evidence = await gather({
      ...{ ground, client, name, folder, repository, before, worker, faults, canaries },
      ...{ began, ended, boundSeconds: BOUND_SECONDS, packets: () => listener.packets() },
      ...{ machine: around.machine, clocks: around.clock?.shown() ?? [] },
    });
    const recoveries = recoveriesOf(faults, [...starts, ...evidence.starts]);
    const seconds = (Date.parse(ended) - Date.parse(began)) / 1000;
    return { ...followed, folder: evidence.folder, faults, recoveries, seconds };
  } finally {
    over.abort();
    deaf();
    ground.underway.delete(breakOff);
    await worker.stop();
    await around.close();
    listener.close();
  }
}
