// What is said to a run, and what it changes: heard in order, checked as far as it can be, verified where it is signed; the first that holds counts.
import { Account, type AccountState } from './account';
import {
  admit,
  type Admission,
  type Approvable,
  type Decision,
  type DecisionKind,
  type DecisionRecord,
} from './decision';
import { NONCE_KEPT_MS, signatureObjection, type Signature } from './signature';

const RECORDS_LIMIT = 100;
const PENDING_LIMIT = 200;
const BATCH_LIMIT = 50;
const BATCH_LIMIT_CHARS = 400_000;

/** Whether decisions must be signed. It is not known before the run is open. */
export type SigningRule = 'unknown' | 'signed' | 'unsigned';

/** What the verifying of one decision came to. */
export type Finding = { valid: true } | { valid: false; reason: string } | { valid: 'unasked' };

export type Verdict = {
  kind: 'approve' | 'requestChanges';
  by: string;
  note: string;
  at: string;
  paths?: readonly string[];
  signature?: Signature;
};
export type Order = { kind: 'guide' | 'skip' | 'abandon'; by: string; note: string };

/** A decision that would count, if it is who it says. */
export type Pending = { kind: DecisionKind; decision: Decision; input: unknown; text: string };

/** What was decided so far, for the next history of the run. */
export type DocketState = Pick<Docket, 'accepted' | 'refused' | 'paused' | 'rule'> & {
  escalated?: boolean;
  asked?: Approvable;
  records: readonly DecisionRecord[];
  spent: readonly (readonly [nonce: string, until: number])[];
  account?: AccountState;
};

export class Docket {
  readonly records: DecisionRecord[] = [];
  accepted = 0;
  refused = 0;
  paused = false;
  /** Counts the times that somebody said to go on: a wait for a worker or a credential looks again. */
  resumes = 0;
  escalated = false;
  /** While the gate is at work: what it answers counts, and an order comes after it. */
  merging = false;
  rule: SigningRule = 'unsigned';
  /** Called after each decision, so that what became of it is seen. What was refused can wait: there may be thousands. */
  onRecord: (accepted: boolean) => void = () => undefined;
  #asked?: Approvable;
  /** An earlier history asked it, and this one not yet. */
  #isTakenUp = false;
  protected verdict?: Verdict;
  readonly #orders: Order[] = [];
  #pending: Pending[] = [];
  readonly #spent = new Map<string, number>();
  #closed = false;

  constructor(
    readonly approvers: readonly string[],
    /** What may be spent, where there is a limit. */
    public account?: Account,
    private readonly now: () => number = Date.now,
  ) {}

  get state(): DocketState {
    const { records, accepted, refused, paused, rule, spent, escalated, account } = this;
    return {
      ...{ records, accepted, refused, paused, rule, spent, escalated },
      ...{ ...(this.#asked && { asked: this.#asked }), ...(account && { account: account.state }) },
    };
  }

  /** Goes on where an earlier history of the run left off. */
  takeUp({ records, account, spent, asked, ...counted }: DocketState): void {
    Object.assign(this, counted);
    this.#asked = asked;
    this.#isTakenUp = asked !== undefined;
    this.records.push(...records);
    this.spend(spent);
    if (account !== undefined) this.account = new Account(account.budgetUsd, account);
  }

  /** Something has been said that nobody has acted on yet. */
  get isBusy(): boolean {
    return this.#pending.length > 0 || this.hasOrder || this.verdict !== undefined || this.merging;
  }

  /** What is not a person's word, but ends the run as one would. */
  command(order: Order): void {
    this.#orders.push(order);
  }

  /** What waits for a person's word, until there is one. What an earlier history asked may be answered before it is asked again. */
  protected asks(asked: Approvable | undefined): void {
    const isAnswered = this.#isTakenUp && asked?.subject === this.#asked?.subject;
    if (!isAnswered) this.verdict = undefined;
    this.#isTakenUp = false;
    this.#asked = asked;
  }

  get hasOrder(): boolean {
    return this.#orders.length > 0;
  }

  nextOrder(): Order | undefined {
    return this.#orders.shift();
  }

  get summary(): { accepted: number; refused: number; verifying?: number; signed?: true; recent: DecisionRecord[] } {
    return {
      ...{ accepted: this.accepted, refused: this.refused },
      ...(this.#pending.length > 0 && { verifying: this.#pending.length }),
      ...(this.rule === 'signed' && { signed: true }),
      recent: this.records.slice(-10),
    };
  }

  /** Takes a decision where nothing more is to be known of it; `verify` says that somebody has to look at who made it. */
  hear(kind: DecisionKind, input: unknown, verified: boolean): 'settled' | 'verify' {
    const admission = this.#admit(kind, input);
    if (!admission.accepted) return this.#settled(kind, input, admission);
    const { decision } = admission;
    const heard = { kind, decision, input, text: JSON.stringify([kind, decision]) };
    if (!verified) return this.#take(heard);
    const objection = this.#cheapObjection(heard);
    if (objection !== undefined) return this.#settled(kind, input, { accepted: false, reason: objection });
    this.#pending.push(heard);
    return 'verify';
  }

  /** Whether it would count, if it is who it says. */
  admits(kind: DecisionKind, input: unknown): boolean {
    return this.#admit(kind, input).accepted;
  }

  /** The next to be verified together, in the order in which they came. What cannot count any more is refused meanwhile. */
  batch(): readonly Pending[] {
    this.#pending = this.#pending.filter((pending) => {
      const objection = this.#objection(pending);
      if (objection !== undefined) this.refuse(pending.kind, pending.input, objection);
      return objection === undefined;
    });
    let size = 0;
    return this.#pending
      .slice(0, BATCH_LIMIT)
      .filter((pending, at) => (size += pending.text.length) <= BATCH_LIMIT_CHARS || at === 0);
  }

  /** What was found of a batch, in its order; says which of it was taken. */
  settle(batch: readonly Pending[], findings: readonly Finding[]): Pending[] {
    if (this.#closed) return [];
    this.#pending = this.#pending.filter((pending) => !batch.includes(pending));
    return batch.filter((pending, at) => {
      const objection = failing(findings[at], this.rule) ?? this.#objection(pending);
      if (objection === undefined) this.#take(pending);
      else this.refuse(pending.kind, pending.input, objection);
      return objection === undefined;
    });
  }

  /** The run has ended: what is still to be verified comes to nothing. */
  close(): void {
    this.#closed = true;
    const left = this.#pending;
    this.#pending = [];
    for (const { kind, input } of left) this.refuse(kind, input, 'the run has ended before its signature was verified');
  }

  /** The nonces that have been used and may be shown again still: for runs that take this one's signatures. */
  get spent(): [nonce: string, until: number][] {
    return [...this.#spent];
  }

  spend(nonces: readonly (readonly [nonce: string, until: number])[]): void {
    const now = this.now();
    for (const [nonce, until] of this.#spent) if (until < now) this.#spent.delete(nonce);
    for (const [nonce, until] of nonces) this.#spent.set(nonce, until);
  }

  passOn(kind: DecisionKind, input: unknown, to: string): void {
    this.#settled(kind, input, { accepted: true, reason: `passed on to ${to}` });
  }

  refuse(kind: DecisionKind, input: unknown, reason: string): void {
    this.#settled(kind, input, { accepted: false, reason });
  }

  #admit(kind: DecisionKind, input: unknown): Admission<DecisionKind> {
    const approval = this.#asked !== undefined && this.verdict === undefined && { approval: this.#asked };
    const budgeted = this.account !== undefined;
    const awaited = { ...approval, escalated: this.escalated && !this.hasOrder, paused: this.paused, budgeted };
    return admit(kind, input, this.approvers, awaited);
  }

  /** Before any process is started for it. */
  #cheapObjection({ decision: { signature }, text }: Pending): string | undefined {
    // Who signs where nobody asked for it is heard, and unsigned words are where it is not known yet: the verifier knows.
    const objection =
      this.rule === 'unknown' && signature === undefined
        ? undefined
        : signatureObjection(signature, { now: this.now(), isSpent: (nonce) => this.#spent.has(nonce) });
    if (objection !== undefined) return objection;
    if (this.#pending.length >= PENDING_LIMIT)
      return `${PENDING_LIMIT} decisions are to be verified before it: send it again later`;
    const twice = this.#pending.some((other) => other.text === text);
    return twice ? 'the very same is being verified already' : undefined;
  }

  /** Why it does not count any more, by what has come before it. */
  #objection({ kind, decision, input }: Pending): string | undefined {
    const admission = this.#admit(kind, input);
    if (!admission.accepted) return admission.reason;
    const nonce = decision.signature?.nonce;
    return nonce !== undefined && this.#spent.has(nonce) ? 'its signature has been used before' : undefined;
  }

  #take({ kind, decision, input }: Pending): 'settled' {
    const { signature } = decision;
    if (signature !== undefined) this.spend([[signature.nonce, this.now() + NONCE_KEPT_MS]]);
    const late = kind === 'abandon' && this.merging;
    this.#act(kind, decision);
    return this.#settled(kind, input, {
      accepted: true,
      reason: late ? 'accepted, for the case that the merge which is under way does not come about' : 'accepted',
    });
  }

  #act(kind: DecisionKind, decision: Decision): void {
    const { by, note = '', signature } = decision;
    switch (kind) {
      case 'approve':
      case 'requestChanges': {
        const { paths } = decision as Decision<'approve'>;
        const at = new Date(this.now()).toISOString();
        this.verdict = { kind, by, note, at, ...(paths && { paths }), ...(signature && { signature }) };
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

  #settled(kind: DecisionKind, input: unknown, outcome: { accepted: boolean; reason: string }): 'settled' {
    const said = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
    const text = (value: unknown, limit: number) =>
      typeof value === 'string' ? { value: value.slice(0, limit) } : undefined;
    const [subject, note, by] = [text(said.subject, 64), text(said.note, 400), text(said.by, 100)];
    this.records.push({
      at: new Date(this.now()).toISOString(),
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
    this.onRecord(outcome.accepted);
    return 'settled';
  }
}

/** A run that demands signatures takes no word of a verifier that it needs none. */
function failing(finding: Finding | undefined, rule: SigningRule): string | undefined {
  if (finding === undefined) return 'nobody could verify it';
  if (finding.valid === 'unasked')
    return rule === 'signed' ? 'who signs decisions is not known where it was to be verified' : undefined;
  return finding.valid ? undefined : finding.reason;
}
