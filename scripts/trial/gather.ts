// Collects what every side of a trial recorded: Temporal, git, the model server, the sandboxes, the kernel, the workers' logs.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { exitCodeOf } from '../cli/ending';
import { exitCodes } from '../cli/exit-codes';
import { seeRun } from '../cli/sight';
import type { Fault, Seen, Trial } from './evidence';
import type { Ground } from './ground';
import { readRun, type Exported, type HistoryEvent } from './history';
import { processTable, type ProcessEntry } from './processes';
import { brokenIn } from './repository';
import type { Watched } from './worker';

const execute = promisify(execFile);

// FAULTS.md: sixty seconds after the end nothing is left.
const CLEAN_MS = 60_000;
const ANSWERED_MS = 60_000;
const LOOK_AGAIN_MS = 200;

// The janitor, which a schedule starts now and then, is no part of a trial.
const DELIVERIES = 'WorkflowType = "deliverProject" OR WorkflowType = "deliverMilestone"';

type Finished = {
  ground: Ground;
  client: Client;
  name: string;
  folder: string;
  repository: string;
  before: ProcessEntry[];
  worker: Pick<Watched, 'sessions' | 'stop'>;
  faults: Fault[];
  canaries: string[];
  began: string;
  ended: string;
  boundSeconds: number;
  packets: () => number;
  /** Where the homes of its workers are. */
  machine: string;
  /** Where its sandboxes had their folders, if not there too. */
  scratches?: readonly string[];
  /** What its wrong clocks showed. */
  clocks?: number[];
};

/** The trial's folder, and when its activities were begun, by their histories. */
export async function gather(finished: Finished): Promise<{ folder: string; starts: string[] }> {
  const { ground, client, name, folder: own, repository, before, worker } = finished;
  const folder = join(own, 'evidence');
  mkdirSync(join(folder, 'histories'), { recursive: true });
  const write = (file: string, content: unknown) => writeFileSync(join(folder, file), JSON.stringify(content, null, 1));
  const histories = await answered(
    () => exportHistories(ground, client, name),
    (found) => isComplete(name, found),
  );
  histories.forEach((history, at) => write(`histories/${at + 1}.json`, history));
  const seen = await answered(
    () => lookedAt(ground, client, name, histories),
    (found) =>
      found.every(({ details, exitCode }) => details !== '' && exitCode !== null && exitCode !== exitCodes.unanswered),
  );
  write('seen.json', seen);
  const { machine, scratches = [join(machine, 'scratch')] } = finished;
  await untilTidy(repository, machine, scratches);
  await worker.stop();

  const { began, ended, faults, boundSeconds, canaries, packets, clocks = [] } = finished;
  const trial: Trial = {
    ...{ name, began, ended, started: [name], faults, boundSeconds, canaries },
    ...{ branch: 'main', own: await commitsOf(repository), packets: packets() },
    ...{ sessions: worker.sessions, folder: own, clocks },
  };
  write('trial.json', trial);
  const left = await untilClean(own, { machine, scratches }, before, worker.sessions);
  write('processes.json', { before, after: left.processes });
  write('leftovers.json', left.paths);
  write('mirrors.json', mirrorsIn(machine));
  const lines = (all: readonly unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
  const calls = ground.model.calls.filter(({ project }) => project === name);
  writeFileSync(join(folder, 'model.jsonl'), lines(calls));
  const log = join(own, 'sandbox.jsonl');
  if (existsSync(log)) cpSync(log, join(folder, 'sandbox.jsonl'));
  else writeFileSync(join(folder, 'sandbox.jsonl'), '');
  cpSync(repository, join(folder, 'repository.git'), { recursive: true });
  cpSync(join(own, 'logs'), join(folder, 'logs'), { recursive: true });
  const starts = histories.flatMap((history) =>
    readRun(history).activities.flatMap(({ startedAt }) => (startedAt ? [startedAt] : [])),
  );
  return { folder, starts };
}

/** The server may be struck again, for the sake of another trial: what it cannot answer then it is asked again. */
async function answered<T>(ask: () => Promise<T>, isWhole: (found: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + ANSWERED_MS; ; await pause(LOOK_AGAIN_MS)) {
    const late = Date.now() > deadline;
    try {
      const found = await ask();
      if (late || isWhole(found)) return found;
    } catch (error) {
      if (late) throw error;
    }
  }
}

async function exportHistories({ server }: Ground, client: Client, namespace: string): Promise<Exported[]> {
  const temporal = await findTemporal();
  const exported: Exported[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: DELIVERIES })) {
    const which = ['--workflow-id', workflowId, '--run-id', runId, '--output', 'json'];
    const where = ['--address', server.address, '--namespace', namespace];
    const { stdout } = await execute(temporal, ['workflow', 'show', ...which, ...where], { maxBuffer: 2 ** 28 });
    exported.push({ workflowId, runId, events: (JSON.parse(stdout) as Exported).events });
  }
  return exported;
}

/** What was begun or ended last is listed a little later, where the server was struck just then. */
function isComplete(root: string, histories: readonly Exported[]): boolean {
  const begun = histories.flatMap(({ events }) => events.flatMap(childOf));
  return [root, ...begun].every((id) => histories.some(({ workflowId }) => workflowId === id));
}

function childOf(event: HistoryEvent): string[] {
  const about = event.childWorkflowExecutionStartedEventAttributes as
    { workflowExecution: { workflowId: string } } | undefined;
  return about === undefined ? [] : [about.workflowExecution.workflowId];
}

async function lookedAt(ground: Ground, client: Client, namespace: string, runs: readonly Exported[]): Promise<Seen[]> {
  const { connection, server } = ground;
  const connected = { client, connection, namespace, address: server.address, uiUrl: '' };
  return Promise.all(
    [...new Set(runs.map(({ workflowId }) => workflowId))].map(async (workflowId) => {
      const handle = client.workflow.getHandle(workflowId);
      const { raw } = await handle.describe();
      const fields = raw.workflowExecutionInfo?.searchAttributes?.indexedFields ?? {};
      const attributes = Object.entries(fields).flatMap(([name, { data }]) => {
        const value: unknown = data ? JSON.parse(Buffer.from(data).toString()) : undefined;
        return typeof value === 'string' ? [[name, value]] : [];
      });
      const panel = await handle
        .query<{ currentDetails?: string }>('__temporal_workflow_metadata')
        .catch(() => undefined);
      const sight = await seeRun(connected, workflowId).catch(() => undefined);
      return {
        workflowId,
        attributes: Object.fromEntries(attributes) as Seen['attributes'],
        details: panel?.currentDetails ?? '',
        exitCode: sight === undefined ? null : exitCodeOf(sight),
      };
    }),
  );
}

/** What people made: at the start of a trial, everything. */
async function commitsOf(repository: string): Promise<string[]> {
  const { stdout } = await execute('git', ['log', '--format=%H', '--max-parents=0', 'main'], { cwd: repository });
  return stdout.split('\n').filter(Boolean);
}

/** What was ended from outside is cleaned up by workers that live: they get the time for it that they are promised. */
async function untilTidy(repository: string, machine: string, scratches: readonly string[]): Promise<void> {
  const refs = ['for-each-ref', 'refs/millwright-turns'];
  for (const deadline = Date.now() + CLEAN_MS; Date.now() < deadline; await pause(LOOK_AGAIN_MS)) {
    const { stdout } = await execute('git', refs, { cwd: repository });
    if (stdout === '' && leftIn(machine, scratches).length === 0) return;
  }
}

async function untilClean(
  folder: string,
  { machine, scratches }: { machine: string; scratches: readonly string[] },
  before: readonly ProcessEntry[],
  sessions: readonly number[],
) {
  const known = new Set(before.map(({ pid, started }) => `${pid} ${started}`));
  for (const deadline = Date.now() + CLEAN_MS; ; await pause(LOOK_AGAIN_MS)) {
    const processes = processTable().filter(
      ({ pid, started, session, folder: at, command }) =>
        !known.has(`${pid} ${started}`) &&
        (sessions.includes(session) || at.startsWith(folder) || command.includes(folder)),
    );
    const paths = leftIn(machine, scratches);
    if ((processes.length === 0 && paths.length === 0) || Date.now() > deadline) return { processes, paths };
  }
}

function mirrorsIn(machine: string): Record<string, string> {
  const homes = readdirSync(join(machine, 'homes'), { recursive: true, encoding: 'utf8' });
  const mirrors = homes.filter((name) => name.endsWith('.git')).map((name) => `homes/${name}`);
  return Object.fromEntries(mirrors.map((name) => [name, brokenIn(join(machine, name))]));
}

/** Folders of sandboxes, and locks in mirrors. */
function leftIn(machine: string, scratches: readonly string[]): string[] {
  const scratch = scratches.flatMap((place) => readdirSync(place).map((name) => relative(machine, join(place, name))));
  const locks = readdirSync(join(machine, 'homes'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lock'))
    .map((name) => `homes/${name}`);
  return [...scratch, ...locks];
}
