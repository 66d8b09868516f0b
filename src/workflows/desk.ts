// Where people's decisions arrive. Each is checked at the door and written down with what became of it; none can fail the run.
import { CancellationScope, condition, patched, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Account } from '../domain/account';
import { decisionKinds, type Approvable, type DecisionKind } from '../domain/decision';
import { Docket, type DocketState, type Finding, type Pending, type SigningRule, type Verdict } from '../domain/docket';
import { KeyMissing } from '../domain/encryption';
import type { RunName } from '../domain/signature';
import { Undecodable } from '../domain/undecodable';
import { signatures } from './activities';
import { decisions, decisionSignals } from './messages';
import { rootCause } from './unexpected';

// So many wrong signatures may be a person's mistake; after that they are looked at less and less often, so that a flood
// of them, one by one, does not fill the history.
const MISTAKES = 3;
const PAUSE_SECONDS_LIMIT = 600;

/** Passes a decision on to the milestone it is meant for, or says why it cannot; undefined when it is for this run. */
export type Forward = (kind: DecisionKind, input: unknown) => { passedTo: string } | { refused: string } | undefined;

export class Desk extends Docket {
  /** Of a milestone: what is signed for its project as a whole is signed for it, too. */
  project?: RunName;
  #verifying = false;
  #mistakes = 0;
  #arrived = 0;

  constructor(
    approvers: readonly string[],
    readonly forward: Forward = () => undefined,
    account?: Account,
    rule: SigningRule = 'unsigned',
    before?: DocketState,
  ) {
    super(approvers, account);
    this.rule = rule;
    if (before !== undefined) this.takeUp(before);
  }

  /** At the start of the run, once all is known that a decision is checked by: what has arrived before is heard in here. */
  open(): this {
    for (const kind of decisionKinds) setHandler(decisionSignals[kind], (input: unknown) => this.#receive(kind, input));
    setHandler(decisions, () => this.records);
    return this;
  }

  /** What waits has ceased to rest before the verdict is gone: in between no history may end. */
  async verdictOn(asked: Approvable, waits = (verdict: () => Promise<void>) => verdict()): Promise<Verdict> {
    this.asks(asked);
    try {
      await waits(() => condition(() => this.verdict !== undefined));
      return this.verdict!;
    } finally {
      this.asks(undefined);
    }
  }

  #receive(kind: DecisionKind, input: unknown): void {
    if (this.#cannotRead(input)) return this.refuse(kind, input, `it cannot be decoded: ${whyOf(input)}`);
    const verified = this.rule !== 'unsigned';
    // To all milestones: what is signed is passed on once it is known whose word it is.
    const later = verified && isForAll(kind);
    const forwarded = later ? undefined : this.forward(kind, input);
    if (forwarded !== undefined)
      return 'passedTo' in forwarded
        ? this.passOn(kind, input, forwarded.passedTo)
        : this.refuse(kind, input, forwarded.refused);
    // A run that began before there were signatures took every word at once.
    const verify =
      this.rule === 'signed' || (this.rule === 'unknown' && this.admits(kind, input) && patched('verified'));
    if (this.hear(kind, input, verify) === 'verify') void this.#verify();
  }

  /** What a worker refused that did not have its key stays refused, also where the run is replayed with the key. */
  #cannotRead(input: unknown): boolean {
    const mark = `unread-${(this.#arrived += 1)}`;
    if (!(input instanceof Undecodable && input.lacksKey)) return workflowInfo().unsafe.isReplaying && patched(mark);
    if (patched(mark)) return true;
    throw new KeyMissing(input.why); // Replayed: another worker could read it, and the run went on with it.
  }

  /** One batch after the other, in the order in which they came: the first that holds counts. */
  async #verify(): Promise<void> {
    if (this.#verifying) return;
    this.#verifying = true;
    await CancellationScope.nonCancellable(async () => {
      for (let batch = this.batch(); batch.length > 0; batch = this.batch()) {
        const taken = this.settle(batch, await findingsOn(batch, this.project));
        for (const { kind, input } of taken) if (isForAll(kind)) this.forward(kind, input);
        this.#mistakes = taken.length > 0 ? 0 : this.#mistakes + 1;
        const doublings = this.#mistakes - MISTAKES;
        if (doublings > 0) await sleep(Math.min(2 ** doublings, PAUSE_SECONDS_LIMIT) * 1000);
      }
      this.#verifying = false;
    });
  }
}

const whyOf = (input: unknown): string =>
  input instanceof Undecodable ? input.why : 'the worker that took it did not have its key';

const isForAll = (kind: DecisionKind): boolean => kind === 'pause' || kind === 'resume';

async function findingsOn(batch: readonly Pending[], parent?: RunName): Promise<readonly Finding[]> {
  try {
    const { workflowId, firstExecutionRunId: runId } = workflowInfo();
    const decisions = batch.map(({ kind, decision }) => ({ kind, decision }));
    return await signatures.verifyDecisions({ decisions, run: { workflowId, runId }, ...(parent && { parent }) });
  } catch (error) {
    const reason = `it could not be verified: ${rootCause(error as Error).message.slice(0, 200)}`;
    return batch.map(() => ({ valid: false, reason }));
  }
}
