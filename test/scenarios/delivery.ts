// One run of a project or a milestone, as a person sees it: its status, what it waits for, and what is said to it.
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import type { LoggedCall } from '../../scripts/scripted-model/server';
import type { DecisionKind, DecisionRecord } from '../../src/domain/decision';
import { ledgerRef } from '../../src/domain/names';
import type { Status, Waiting, WaitReason } from '../../src/domain/status';
import { decisions, decisionSignals, status } from '../../src/workflows/messages';
import { git } from '../adapters/git/ground';
import { once } from './once';
import { textOf } from './script';

// How long it may stand still: a machine that is busy with other tests is slow, and what hangs stays where it is.
const PATIENCE_MS = 240_000;
// Every look is a task for the worker.
const LOOK_AGAIN_MS = 150;

type Subject = { subject: string; by: string; paths: readonly string[] };

export class Delivery {
  constructor(
    readonly handle: WorkflowHandle,
    readonly repository: string,
    /** Every call that the scripted model got, of all runs. */
    private readonly heard: () => readonly LoggedCall[],
  ) {}

  get id(): string {
    return this.handle.workflowId;
  }

  get project(): string {
    return this.id.split('/')[0]!;
  }

  // ── what it says ────────────────────────────────────────────────────────────────────────────────────────────────

  status(): Promise<Status> {
    return this.handle.query(status);
  }

  decisions(): Promise<DecisionRecord[]> {
    return this.handle.query(decisions);
  }

  /** Until this holds of its status; it has no status before it has begun. Patience begins anew with all that changes. */
  async until(holds: (status: Status) => boolean, what = String(holds), patience = PATIENCE_MS): Promise<Status> {
    let [seen, since] = ['', Date.now()];
    for (;;) {
      const now = await this.status().catch(() => undefined);
      if (now !== undefined && holds(now)) return now;
      if (JSON.stringify(now) !== seen) [seen, since] = [JSON.stringify(now), Date.now()];
      if (Date.now() > since + patience)
        throw new Error(`${this.id} never came to ${what}: ${JSON.stringify(now, null, 1)}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** What it waits for, once it waits for this. That it ends, or asks for guidance instead, is an error at once. */
  async untilItWaitsFor(reason: WaitReason, not?: string, patience?: number): Promise<Waiting & { subject?: string }> {
    const { waitingFor, state } = await this.until(
      ({ waitingFor: waiting, state }) =>
        (waiting?.for === reason && (not === undefined || waiting.subject !== not)) ||
        (waiting?.for === 'guidance' && reason !== 'resume') ||
        !['running', 'waiting'].includes(state),
      reason,
      patience,
    );
    if (waitingFor?.for !== reason) throw new Error(`${this.id} is ${state}: ${waitingFor?.detail}`);
    return waitingFor;
  }

  // ── what is said to it ──────────────────────────────────────────────────────────────────────────────────────────

  /** Sends the signal as it is: what a person may get wrong is not checked here. */
  async say(kind: DecisionKind, decision: unknown): Promise<void> {
    await this.handle.signal(decisionSignals[kind], decision as never);
  }

  /** What became of the next decision that is sent by `saying`. */
  async answered(saying: () => Promise<void>): Promise<DecisionRecord> {
    const before = (await this.decisions()).length;
    await saying();
    for (const deadline = Date.now() + PATIENCE_MS; ; await pause(LOOK_AGAIN_MS)) {
      const record = (await this.decisions())[before];
      if (record !== undefined) return record;
      if (Date.now() > deadline) throw new Error(`${this.id} never said what became of it`);
    }
  }

  /** Approves what waits for an approval, as soon as it does. */
  async approve({ by = 'ada', not }: { by?: string; not?: string } = {}): Promise<string> {
    const { subject, paths } = await this.untilItWaitsFor('approval', not);
    await this.say('approve', { subject, by, ...(paths && { paths }) } satisfies Partial<Subject>);
    return subject!;
  }

  /** Approves whatever comes to wait for an approval, of itself or of its milestones, until it ends. */
  async delivered<T = Record<string, unknown>>(): Promise<T> {
    const over = new AbortController();
    const approving = this.approveAll(over.signal);
    try {
      return (await this.handle.result()) as T;
    } finally {
      over.abort();
      await approving;
    }
  }

  private async approveAll(over: AbortSignal): Promise<void> {
    const approved = new Set<string>();
    while (!over.aborted) {
      const now = await this.status().catch(() => undefined);
      const waits = [now?.waitingFor, ...(now?.milestones ?? []).map(({ waitingFor }) => waitingFor)];
      for (const wait of waits) {
        if (wait?.for !== 'approval' || approved.has(wait.subject!)) continue;
        approved.add(wait.subject!);
        await this.say('approve', { subject: wait.subject, by: 'ada', ...(wait.paths && { paths: wait.paths }) });
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** What Temporal's timeline says of each activity: by itself a type says little. */
  async timeline(): Promise<string[]> {
    const { events } = await this.handle.fetchHistory();
    return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) => {
      if (!scheduled) return [];
      const summary = userMetadata?.summary?.data;
      return [`${scheduled.activityType!.name} — ${summary ? JSON.parse(Buffer.from(summary).toString()) : ''}`];
    });
  }

  /** How many signals of this name it has got, once they are as many as this. */
  signals(name: string, least: number): Promise<number> {
    const look = async () => {
      const { events } = await this.handle.fetchHistory();
      const got = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
      return got.filter((signal) => signal === name).length;
    };
    return once(look, (found) => found >= least);
  }

  // ── what comes of it ────────────────────────────────────────────────────────────────────────────────────────────

  async result<T = Record<string, unknown>>(): Promise<T> {
    return (await this.handle.result()) as T;
  }

  /** Why it failed: the failure at the bottom of it. */
  async failure(): Promise<ApplicationFailure> {
    const deadline = setTimeout(() => void this.handle.terminate('it did not fail in time'), PATIENCE_MS);
    const error: unknown = await this.handle.result().catch((thrown: unknown) => thrown);
    clearTimeout(deadline);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    return rootOf(error as Error) as ApplicationFailure;
  }

  /** What the scripted model was asked in this run. */
  calls(where: { milestone?: string; stage?: string; iteration?: number } = {}): LoggedCall[] {
    return this.heard().filter(
      (call) =>
        call.project === this.project &&
        Object.entries(where).every(([name, value]) => call[name as keyof LoggedCall] === value),
    );
  }

  /** All that the model was told when it was asked for this, the last time. */
  prompt(stage: string, iteration = 1, milestone?: string): string {
    const call = this.calls({ stage, iteration, ...(milestone && { milestone }) }).at(-1);
    if (call === undefined) throw new Error(`${stage} was never asked for in round ${iteration}`);
    return textOf(call);
  }

  // ── git ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  git(...args: string[]): string {
    return git(this.repository, ...args);
  }

  /** A file as it is on the main branch. */
  onMain(path: string): string {
    return this.git('show', `main:${path}`);
  }

  /** The paths in a ledger: of a milestone, or of the project itself. */
  ledger(milestone = this.id.split('/')[1] ?? 'milestone'): string[] {
    return this.git('ls-tree', '-r', '--name-only', ledgerRef({ project: this.project, milestone })).split('\n');
  }

  fromLedger(path: string, milestone = this.id.split('/')[1] ?? 'milestone'): string {
    return this.git('show', `${ledgerRef({ project: this.project, milestone })}:${path}`);
  }
}

function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
