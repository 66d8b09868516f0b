// How a run is seen from here: its own account and its milestones', or, where no worker is up to give one, what the server has on record.
import { WorkflowFailedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { searchAttributes } from '../../src/domain/names';
import type { MilestoneStatus, Status } from '../../src/domain/status';
import { status as statusQuery } from '../../src/workflows/messages';
import { retriesIn, type Retry } from './retries';
import { ask, isUnreached, missingRun, type Connected } from './server';
import { isFailing, silenceOf } from './silence';

const WORKER_SECONDS = 10;

export type Sight = {
  id: string;
  over: boolean;
  /** As the search attributes have it, or, when it has failed, Temporal. */
  state: string;
  waitingFor?: string;
  /** Why its workflow did not come to an end of its own. */
  failure?: string;
  /** Its own account; without it, `silence` says why there is none. */
  status?: Status;
  silence?: string;
  milestones: Status[];
  retries: Retry[];
  /** Milestones that give no account because their workflow tasks fail. */
  stalled?: { run: string; why: string }[];
};

/** It has ended, and nobody is there who could tell what came of it. */
export const isMute = ({ over, status, failure }: Sight): boolean =>
  over && status === undefined && failure === undefined;

/** What has ended does not change any more: it is asked once. */
export type Memory = Map<string, Sight>;

export async function seeRun(server: Connected, id: string, memory: Memory = new Map()): Promise<Sight> {
  const sight = await seeOne(server, id);
  const begun = sight.status?.milestones.filter(hasBegun).map(({ workflowId }) => workflowId) ?? [];
  const seen = await Promise.all(begun.map((milestone) => remembered(server, milestone, memory)));
  return {
    ...sight,
    milestones: seen.flatMap(({ status }) => status ?? []),
    retries: [sight, ...seen].flatMap(({ retries }) => retries),
    stalled: seen.flatMap(stalledIn),
  };
}

const stalledIn = ({ id, over, silence }: Sight) =>
  !over && silence !== undefined && isFailing(silence) ? [{ run: id, why: silence }] : [];

const hasBegun = ({ state }: MilestoneStatus) => state !== 'planned' && state !== 'blocked';

async function remembered(server: Connected, id: string, memory: Memory): Promise<Sight> {
  const known = memory.get(id);
  if (known !== undefined) return known;
  const sight = await seeOne(server, id).catch((error: unknown): Sight => {
    if (isUnreached(error)) throw error;
    return { id, over: false, state: 'running', milestones: [], retries: [] }; // It is on its way, or past retention.
  });
  if (sight.over && sight.status !== undefined) memory.set(id, sight);
  return sight;
}

async function seeOne(server: Connected, id: string): Promise<Sight> {
  const handle = server.client.workflow.getHandle(id);
  const [description, told] = await Promise.all([
    ask(server, () => handle.describe()).catch((error: unknown) => {
      throw missingRun(error, id, server);
    }),
    ask(server, () => handle.query(statusQuery), WORKER_SECONDS).then(
      (status) => ({ status }),
      (error: unknown) => ({ error }),
    ),
  ]);
  const over = description.status.name !== 'RUNNING';
  const failure = isCutShort(description) ? await failureOf(server, description) : undefined;
  const state = failure === undefined ? (attribute(description, 'state') ?? 'running') : 'failed';
  const waitingFor = over ? undefined : attribute(description, 'waitingFor');
  return {
    ...{ id, over, state },
    ...(waitingFor !== undefined && { waitingFor }),
    ...(failure !== undefined && { failure }),
    ...('status' in told
      ? { status: settled(told.status, description, failure) }
      : { silence: failure ?? (await silenceOf(server, id, told.error)) }),
    ...{ milestones: [], retries: retriesIn(id, description) },
  };
}

export function attribute(
  { searchAttributes: found }: Pick<WorkflowExecutionDescription, 'searchAttributes'>,
  name: keyof typeof searchAttributes,
): string | undefined {
  const value = found[searchAttributes[name]]?.[0];
  return value === undefined ? undefined : String(value);
}

const isCutShort = ({ status }: WorkflowExecutionDescription) => !['RUNNING', 'COMPLETED'].includes(status.name);

async function failureOf(server: Connected, { workflowId, runId, status }: WorkflowExecutionDescription) {
  const end = server.client.workflow.getHandle(workflowId, runId).result();
  const error = await ask(server, () => end).catch((error: unknown) => error);
  const cause = error instanceof WorkflowFailedError ? rootCause(error) : undefined;
  return cause?.message || `its workflow is ${status.name.toLowerCase().replaceAll('_', ' ')}`;
}

const rootCause = (error: Error): Error => (error.cause instanceof Error ? rootCause(error.cause) : error);

/** A run that failed or was terminated could not say so itself. */
function settled(status: Status, { closeTime }: WorkflowExecutionDescription, failure: string | undefined): Status {
  if (failure === undefined) return status;
  const { waitingFor: _, ...rest } = status;
  return { ...rest, state: 'failed', reason: failure, endedAt: closeTime?.toISOString() ?? status.startedAt };
}
