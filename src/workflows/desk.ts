// Where people's decisions arrive. Each is checked at the door and written down with what became of it; none can fail the run.
import { condition, setHandler } from '@temporalio/workflow';
import type { Account } from '../domain/account';
import {
  admit,
  decisionKinds,
  type Approvable,
  type Decision,
  type DecisionKind,
  type DecisionRecord,
} from '../domain/decision';
import { decisions, decisionSignals } from './messages';

const RECORDS_LIMIT = 100;

export type Verdict = {
  kind: 'approve' | 'requestChanges';
  by: string;
  note: string;
  at: string;
  paths?: readonly string[];
};
export type Order = { kind: 'guide' | 'skip' | 'abandon'; by: string; note: string };

/** Passes a decision on to the milestone it is meant for, or says why it cannot; undefined when it is for this run. */
export type Forward = (kind: DecisionKind, input: unknown) => { passedTo: string } | { refused: string } | undefined;

export class Desk {
  readonly records: DecisionRecord[] = [];
  accepted = 0;
  refused = 0;
  paused = false;
  /** Counts the times that somebody said to go on: a wait for a worker or a credential looks again. */
  resumes = 0;
  escalated = false;
  /** While the gate is at work: what it answers counts, and an order comes after it. */
  merging = false;
  /** Called after each decision, so that what became of it is seen. */
  onRecord: () => void = () => undefined;
  #asked?: Approvable;
  #verdict?: Verdict;
  readonly #orders: Order[] = [];

  // Opened at the start of the run: a decision may arrive before anything waits for it.
  constructor(
    readonly approvers: readonly string[],
    readonly forward: Forward = () => undefined,
    readonly account?: Account,
  ) {
    for (const kind of decisionKinds) setHandler(decisionSignals[kind], (input: unknown) => this.#receive(kind, input));
    setHandler(decisions, () => this.records);
  }

  async verdictOn(asked: Approvable): Promise<Verdict> {
    this.#asked = asked;
    this.#verdict = undefined;
    try {
      await condition(() => this.#verdict !== undefined);
      return this.#verdict!;
    } finally {
      this.#asked = undefined;
    }
  }

  get hasOrder(): boolean {
    return this.#orders.length > 0;
  }

  nextOrder(): Order | undefined {
    return this.#orders.shift();
  }

  #receive(kind: DecisionKind, input: unknown): void {
    const forwarded = this.forward(kind, input);
    const awaited = {
      ...(this.#asked !== undefined && this.#verdict === undefined && { approval: this.#asked }),
      escalated: this.escalated && !this.hasOrder,
      paused: this.paused,
      budgeted: this.account !== undefined,
    };
    if (forwarded !== undefined) {
      const passed = 'passedTo' in forwarded;
      return this.#record(kind, input, {
        accepted: passed,
        reason: passed ? `passed on to ${forwarded.passedTo}` : forwarded.refused,
      });
    }
    const admission = admit(kind, input, this.approvers, awaited);
    if (!admission.accepted) return this.#record(kind, input, admission);
    this.#act(kind, admission.decision);
    const late = kind === 'abandon' && this.merging;
    this.#record(kind, input, {
      accepted: true,
      reason: late ? 'accepted, for the case that the merge which is under way does not come about' : 'accepted',
    });
  }

  #act(kind: DecisionKind, decision: Decision): void {
    const { by, note = '' } = decision;
    switch (kind) {
      case 'approve':
      case 'requestChanges': {
        const { paths } = decision as Decision<'approve'>;
        this.#verdict = { kind, by, note, at: new Date().toISOString(), ...(paths && { paths }) };
        return;
      }
      case 'guide':
      case 'skip':
      case 'abandon':
        this.#orders.push({ kind, by, note });
        return;
      case 'pause':
        this.paused = true;
        return;
      case 'budget':
        this.account!.budgetUsd = (decision as Decision<'budget'>).usd;
        return;
      case 'resume':
        this.paused = false;
        this.resumes += 1;
    }
  }

  #record(kind: DecisionKind, input: unknown, outcome: { accepted: boolean; reason: string; by?: string }): void {
    const said = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
    const text = (value: unknown, limit: number) =>
      typeof value === 'string' ? { value: value.slice(0, limit) } : undefined;
    const [subject, note, by] = [text(said.subject, 64), text(said.note, 400), text(said.by, 100)];
    this.records.push({
      at: new Date().toISOString(),
      kind,
      by: by?.value ?? 'unknown',
      ...(subject && { subject: subject.value }),
      ...(note && { note: note.value }),
      accepted: outcome.accepted,
      reason: outcome.reason,
    });
    if (this.records.length > RECORDS_LIMIT) this.records.shift();
    if (outcome.accepted) this.accepted += 1;
    else this.refused += 1;
    this.onRecord();
  }
}
