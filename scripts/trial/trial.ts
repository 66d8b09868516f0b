// One trial: a milestone is delivered while its worker suffers, and everything that every side recorded is put into one folder.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { queues } from '../../src/domain/queues';
import { searchAttributes } from '../../src/domain/names';
import { approve, guide, status } from '../../src/workflows/messages';
import type { Fault } from './evidence';
import { gather } from './gather';
import type { Ground } from './ground';
import { processTable } from './processes';
import { milestoneScenario } from './scenario';
import { startWorkers, type Watched } from './worker';
import type { Scenario } from '../scripted-model/server';

const execute = promisify(execFile);

const LOOK_AGAIN_MS = 500;
// How long nothing may change at all: what is slow changes, and what hangs does not.
const PATIENCE_MS = 180_000;
const GUIDANCE_LIMIT = 5;
// A decision is not said again before it can have been heard.
const HEARD_MS = 10_000;
// FAULTS.md's bounds. What a stage or a model does to itself has none of its own.
const BOUND_SECONDS = 25;
const bounds: readonly [RegExp, number][] = [
  [/^worker (ended|frozen)|^frozen$/, BOUND_SECONDS],
  [/^server back/, 30],
];

export type Plan = {
  /** Names its namespace, its project and its folder. */
  name: string;
  /** What the worker does to itself: see src/workers/crash.ts. */
  crash?: string;
  /** What is done to it from outside, while it runs; told of each fault. */
  suffers?: (victim: Victim) => Promise<void>;
  /** Over what the model says otherwise. */
  says?: (scenario: Scenario) => Scenario;
};

export type Victim = {
  ground: Ground;
  worker: Watched;
  handle: WorkflowHandle;
  struck(what: string, pid?: number): void;
  over: AbortSignal;
};

/** How long after a fault something was begun again. */
export type Recovery = { what: string; seconds: number; bound?: number };
export type Tried = { folder: string; faults: Fault[]; recoveries: Recovery[]; seconds: number; hung: boolean };

export async function runTrial(ground: Ground, { name, crash, suffers, says = (as) => as }: Plan): Promise<Tried> {
  const began = new Date().toISOString();
  const folder = join(ground.folder, name);
  const faults: Fault[] = [];
  const before = processTable();
  const struck = (what: string, pid?: number) =>
    void faults.push({ at: new Date().toISOString(), what, ...(pid && { pid }) });
  const listener = await listen();
  ground.scenarios.set(name, says(milestoneScenario(listener.port)));
  const repository = await newRepository(folder);
  const canaries = [0, 1].map(() => `canary${randomBytes(16).toString('hex')}`);
  const worker = startWorkers(folder, environment(ground, name, folder, canaries, crash), ({ how, pid }) =>
    struck(`worker ended: ${how}`, pid),
  );
  const client = new Client({ connection: ground.connection, namespace: name });
  const over = new AbortController();
  const deaf = ground.onServer((what) => struck(what));
  try {
    const handle = await client.workflow.start('deliverMilestone', {
      ...{ taskQueue: queues.workflows, workflowId: name },
      args: [{ request: 'Sums, please.', repository }],
    });
    const victim: Victim = { ground, worker, handle, struck, over: over.signal };
    const suffering = suffers?.(victim) ?? Promise.resolve();
    const { starts, hung } = await follow(client, handle);
    over.abort();
    await suffering;
    const ended = new Date().toISOString();
    const evidence = await gather({
      ...{ ground, client, name, folder, repository, before, worker, faults, canaries },
      ...{ began, ended, boundSeconds: BOUND_SECONDS, packets: () => listener.packets() },
    });
    const recoveries = recoveriesOf(faults, [...starts, ...evidence.starts]);
    return { folder: evidence.folder, faults, recoveries, seconds: secondsBetween(began, ended), hung };
  } finally {
    over.abort();
    deaf();
    await worker.stop();
    listener.close();
  }
}

/** Approves what waits for it, until it is over; every attempt that is seen to start is noted. */
async function follow(client: Client, handle: WorkflowHandle): Promise<{ starts: string[]; hung: boolean }> {
  const starts = new Set<string>();
  const approved = new Set<string>();
  const guided: number[] = [];
  let [seen, since] = ['', Date.now()];
  for (;;) {
    const now = await look(client, handle).catch(() => undefined);
    if (now !== undefined && now.over) return { starts: [...starts], hung: false };
    for (const start of now?.starts ?? []) starts.add(start);
    if (now?.waits === 'approval') await approveOnce(handle, approved).catch(() => undefined);
    // A person tries again what the model or the endpoint spoiled.
    if (now?.waits === 'guidance' && guided.length < GUIDANCE_LIMIT && Date.now() > (guided.at(-1) ?? 0) + HEARD_MS) {
      guided.push(Date.now());
      await handle.signal(guide, { by: 'ada', note: 'Please try again.' }).catch(() => undefined);
    }
    const state = JSON.stringify(now);
    if (now !== undefined && state !== seen) [seen, since] = [state, Date.now()];
    if (Date.now() > since + PATIENCE_MS) return { starts: [...starts], hung: true };
    await pause(LOOK_AGAIN_MS);
  }
}

/** Of what the server knows: no worker is asked. */
async function look(client: Client, handle: WorkflowHandle) {
  const { raw } = await client.connection.withDeadline(Date.now() + 10_000, () => handle.describe());
  const waits = raw.workflowExecutionInfo?.searchAttributes?.indexedFields?.[searchAttributes.waitingFor]?.data;
  const pending = raw.pendingActivities ?? [];
  return {
    over: raw.workflowExecutionInfo?.closeTime !== null && raw.workflowExecutionInfo?.closeTime !== undefined,
    events: String(raw.workflowExecutionInfo?.historyLength),
    waits: waits ? (JSON.parse(Buffer.from(waits).toString()) as unknown) : undefined,
    attempts: pending.map(({ attempt }) => attempt),
    starts: pending.flatMap(({ lastStartedTime }) => (lastStartedTime ? [isoOf(lastStartedTime)] : [])),
  };
}

async function approveOnce(handle: WorkflowHandle, approved: Set<string>): Promise<void> {
  const { waitingFor } = await handle.client.connection.withDeadline(Date.now() + 10_000, () => handle.query(status));
  const { subject, paths } = waitingFor ?? {};
  if (waitingFor?.for !== 'approval' || subject === undefined || approved.has(subject)) return;
  await handle.signal(approve, { subject, by: 'ada', ...(paths && { paths: [...paths] }) });
  approved.add(subject);
}

function recoveriesOf(faults: readonly Fault[], starts: readonly string[]): Recovery[] {
  const begun = starts.map((at) => Date.parse(at)).sort((a, b) => a - b);
  return faults.flatMap(({ at, what }) => {
    const next = begun.find((time) => time > Date.parse(at));
    const bound = bounds.find(([fault]) => fault.test(what))?.[1];
    if (next === undefined) return []; // nothing was left to begin
    return [{ what, seconds: (next - Date.parse(at)) / 1000, ...(bound !== undefined && { bound }) }];
  });
}

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

function isoOf({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }): string {
  return new Date(Number(String(seconds)) * 1000 + (nanos ?? 0) / 1e6).toISOString();
}

// ── its surroundings ────────────────────────────────────────────────────────────────────────────────────────────

function environment(
  ground: Ground,
  namespace: string,
  folder: string,
  [key, other]: readonly string[],
  crash: string | undefined,
): NodeJS.ProcessEnv {
  mkdirSync(join(folder, 'scratch'), { recursive: true, mode: 0o700 });
  const model = { OPENAI_BASE_URL: ground.model.url, LOCAL_BASE_URL: ground.model.url, OPENAI_MODEL: 'scripted' };
  return {
    ...process.env,
    ...{ TEMPORAL_ADDRESS: ground.server.address, TEMPORAL_NAMESPACE: namespace },
    ...{ ...model, OPENAI_API_KEY: `sk-${key}`, OPENAI_FAMILY: 'scripted-a', REVIEW_FAMILY: 'scripted-b' },
    ...{ CANARY_TOKEN: other, MILLWRIGHT_SCRATCH: join(folder, 'scratch') },
    ...{
      MILLWRIGHT_SANDBOX_LOG: join(folder, 'sandbox.jsonl'),
      MILLWRIGHT_CRASH: crash ?? '',
      MILLWRIGHT_CONFIG: ground.definitions,
    },
  };
}

/** Counts who gets through to the host. */
async function listen() {
  let packets = 0;
  const server = createServer((socket) => {
    packets += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, packets: () => packets, close: () => server.close() };
}

/** A bare repository with one commit. */
async function newRepository(folder: string): Promise<string> {
  const [checkout, repository] = [join(folder, 'checkout'), join(folder, 'target.git')];
  mkdirSync(checkout, { recursive: true });
  writeFileSync(join(checkout, 'README.md'), '# Sums\n');
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost'];
  for (const args of [
    ['init', '--quiet', '--template=', '--initial-branch=main'],
    ['add', '--all'],
    [...who, 'commit', '--quiet', '--message=first'],
    ['clone', '--quiet', '--bare', '--template=', checkout, repository],
  ])
    await execute('git', args, { cwd: checkout });
  return repository;
}
