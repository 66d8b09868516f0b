// Follows a delivery to its end as a person would who has all the time: approves, and has tried again what was spoiled.
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { searchAttributes } from '../../src/domain/names';
import { approve, guide, status } from '../../src/workflows/messages';

const LOOK_AGAIN_MS = 500;
// How long nothing may change at all: what is slow changes, and what hangs does not.
const PATIENCE_MS = 180_000;
const GUIDANCE_LIMIT = 5;
// A decision is not said again before it can have been heard.
const HEARD_MS = 10_000;
const ANSWER_MS = 10_000;

export type Followed = {
  /** When attempts were seen to begin: of those that came to nothing, history knows nothing. */
  starts: string[];
  /** What attempts died of that were tried again, as the server had it. */
  failures: string[];
  hung: boolean;
};

/** Of a milestone, or of a project with all of its milestones. Approves once somebody is there to. */
export async function follow(client: Client, workflowId: string, mayApprove: () => boolean): Promise<Followed> {
  const [starts, failures] = [new Set<string>(), new Set<string>()];
  const people = new Map<string, Person>();
  const found = (hung: boolean): Followed => ({ starts: [...starts], failures: [...failures], hung });
  let [seen, since] = ['', Date.now()];
  for (;;) {
    const all = await lookAtAll(client, workflowId).catch(() => []);
    if (all[0]?.over) return found(false);
    for (const run of all) {
      run.starts.forEach((start) => starts.add(start));
      run.failures.forEach((failure) => failures.add(failure));
      if (!people.has(run.workflowId)) people.set(run.workflowId, new Person(client, run.workflowId));
      if (run.waits !== 'approval' || mayApprove()) await people.get(run.workflowId)!.answer(run.waits);
    }
    const state = JSON.stringify(all);
    if (all.length > 0 && state !== seen) [seen, since] = [state, Date.now()];
    if (Date.now() > since + PATIENCE_MS) return found(true);
    await pause(LOOK_AGAIN_MS);
  }
}

class Person {
  readonly #handle: WorkflowHandle;
  readonly #approved = new Set<string>();
  readonly #guided: number[] = [];

  constructor(client: Client, workflowId: string) {
    this.#handle = client.workflow.getHandle(workflowId);
  }

  async answer(waits: unknown): Promise<void> {
    if (waits === 'approval') await this.#approve().catch(() => undefined);
    if (waits === 'guidance') await this.#guide().catch(() => undefined);
  }

  async #approve(): Promise<void> {
    const handle = this.#handle;
    const ask = () => handle.query(status);
    const { waitingFor } = await handle.client.connection.withDeadline(Date.now() + ANSWER_MS, ask);
    const { subject, paths } = waitingFor ?? {};
    if (waitingFor?.for !== 'approval' || subject === undefined || this.#approved.has(subject)) return;
    await handle.signal(approve, { subject, by: 'ada', ...(paths && { paths: [...paths] }) });
    this.#approved.add(subject);
  }

  async #guide(): Promise<void> {
    const last = this.#guided.at(-1) ?? 0;
    if (this.#guided.length >= GUIDANCE_LIMIT || Date.now() < last + HEARD_MS) return;
    this.#guided.push(Date.now());
    await this.#handle.signal(guide, { by: 'ada', note: 'Please try again.' });
  }
}

/** The run, and those of its children that are not over. A project is asked nothing while one of them waits: it says their reasons. */
async function lookAtAll(client: Client, workflowId: string) {
  const root = await look(client, workflowId);
  const children = await Promise.all(root.children.map((id) => look(client, id)));
  const waits = children.some((child) => child.waits === root.waits) ? undefined : root.waits;
  return [{ ...root, waits }, ...children];
}

/** Of what the server knows: no worker is asked. */
async function look(client: Client, workflowId: string) {
  const describe = () => client.workflow.getHandle(workflowId).describe();
  const { raw } = await client.connection.withDeadline(Date.now() + ANSWER_MS, describe);
  const waits = raw.workflowExecutionInfo?.searchAttributes?.indexedFields?.[searchAttributes.waitingFor]?.data;
  const pending = raw.pendingActivities ?? [];
  return {
    workflowId,
    over: raw.workflowExecutionInfo?.closeTime !== null && raw.workflowExecutionInfo?.closeTime !== undefined,
    events: String(raw.workflowExecutionInfo?.historyLength),
    waits: waits ? (JSON.parse(Buffer.from(waits).toString()) as unknown) : undefined,
    attempts: pending.map(({ attempt }) => attempt),
    starts: pending.flatMap(({ lastStartedTime }) => (lastStartedTime ? [isoOf(lastStartedTime)] : [])),
    failures: pending.flatMap(({ lastFailure }) =>
      lastFailure ? [`${lastFailure.applicationFailureInfo?.type || 'untyped'}: ${lastFailure.message}`] : [],
    ),
    children: (raw.pendingChildren ?? []).flatMap(({ workflowId: id }) => (id ? [id] : [])),
  };
}

function isoOf({ seconds, nanos }: { seconds?: unknown; nanos?: number | null }): string {
  return new Date(Number(String(seconds)) * 1000 + (nanos ?? 0) / 1e6).toISOString();
}
