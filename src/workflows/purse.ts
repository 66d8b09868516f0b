// No call of a model is made before it is paid for: out of the run's own account, or out of that of its project.
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { lackOf, priceOf, type Account } from '../domain/account';
import type { Handoff } from '../domain/handoff';
import { milestoneWorkflowId } from '../domain/names';
import { Claim, Payment, Settlement } from '../domain/payment';
import type { AgentTask } from '../domain/tasks';
import { sent } from './errands';
import { claim, payment, settlement } from './messages';
import { readable } from './readable';
import type { Run } from './run';

export interface Purse {
  /** Resolves when the call may be made; until then the run waits for `budget`. */
  pay(asked: Claim): Promise<void>;
  settle(settled: Settlement): void;
  /** This milestone is over: what it has not settled costs what was reserved. */
  settleAll(milestone: string): void;
  /** What milestones have asked for and not been paid yet. */
  readonly unpaid: readonly Claim[];
}

export async function paidFor(
  run: Run,
  stage: string,
  model: AgentTask['model'],
  call: () => Promise<Handoff>,
): Promise<Handoff> {
  const { purse, subject } = run;
  if (purse === undefined) return call();
  const of = { milestone: subject.place.milestone, call: uuid4() };
  let usd: number | undefined = 0;
  try {
    await purse.pay({ ...of, usd: priceOf(model), what: `${stage} on ${model.alias}` });
    usd = undefined;
    const handoff = await call();
    usd = handoff.usage.costUsd;
    return handoff;
  } finally {
    purse.settle({ ...of, ...(usd !== undefined && { usd }) });
  }
}

export function purseOf(run: Run, unpaid: readonly Claim[] = []): Purse | undefined {
  const { account } = run.desk;
  const { parent } = workflowInfo();
  if (account !== undefined) return ownPurse(run, account, unpaid);
  return run.subject.budgeted && parent !== undefined ? projectsPurse(run, parent.workflowId) : undefined;
}

/** The purse of a run that has an account: its milestones spend out of it as well. */
function ownPurse(run: Run, account: Account, unpaid: readonly Claim[]): Purse {
  const waiting = new Map<string, Claim>();
  const ofMilestone = (id: string) => `${id}/`;
  const nameOf = ({ milestone, call }: Pick<Claim, 'milestone' | 'call'>) => `${ofMilestone(milestone)}${call}`;
  const settle = (settled: Settlement) => {
    const name = nameOf(settled);
    waiting.delete(name); // it is not needed any more
    account.settle(name, settled.usd);
    run.show();
  };
  const pay = async (asked: Claim, refused: (detail: string) => void = () => undefined) => {
    const name = nameOf(asked);
    if (account.reserve(name, asked.usd)) return;
    const detail = lackOf(asked.what, account.budget);
    refused(detail);
    waiting.set(name, asked);
    run.waits(name, { for: 'budget', detail });
    await condition(() => !waiting.has(name) || account.reserve(name, asked.usd));
    waiting.delete(name);
    run.waitsNoMore(name);
  };
  const pays = (asked: Claim) => {
    const { milestone, call } = asked;
    const to = getExternalWorkflowHandle(milestoneWorkflowId({ project: run.subject.place.project, milestone }));
    // One that has ended meanwhile needs no answer.
    const say = (answer: Payment) => void sent(to.signal(payment, answer)).catch(() => undefined);
    pay(asked, (detail) => say({ call, paid: false, detail })).then(() => say({ call, paid: true }), unlessCancelled);
  };
  unpaid.forEach(pays);
  setHandler(claim, (said) => {
    const asked = Claim.safeParse(readable(said));
    if (asked.success && run.milestones.get(asked.data.milestone)?.state === 'running') pays(asked.data);
  });
  setHandler(settlement, (said) => {
    const settled = Settlement.safeParse(readable(said));
    if (settled.success) settle(settled.data);
  });
  const settleAll = (milestone: string) => {
    for (const name of waiting.keys()) if (name.startsWith(ofMilestone(milestone))) waiting.delete(name);
    account.settleAll(ofMilestone(milestone));
  };
  return {
    ...{ pay, settle, settleAll },
    get unpaid() {
      return [...waiting.values()].filter(({ milestone }) => milestone !== run.subject.place.milestone);
    },
  };
}

/** The purse of a milestone is its project's. */
function projectsPurse(run: Run, projectId: string): Purse {
  const project = getExternalWorkflowHandle(projectId);
  const [asked, paid] = [new Set<string>(), new Set<string>()];
  setHandler(payment, (said) => {
    const answer = Payment.safeParse(readable(said));
    if (!answer.success || !asked.has(answer.data.call)) return;
    const { call, paid: isPaid, detail = '' } = answer.data;
    if (isPaid) paid.add(call);
    else if (!paid.has(call)) run.waits(call, { for: 'budget', detail });
  });
  return {
    async pay(asking) {
      const { call } = asking;
      asked.add(call);
      try {
        await sent(project.signal(claim, asking));
        await condition(() => paid.has(call));
      } finally {
        run.waitsNoMore(call);
        asked.delete(call);
        paid.delete(call);
      }
    },
    // Also what was cancelled has cost something. A project that is gone keeps no account any more.
    settle: (settled) =>
      void CancellationScope.nonCancellable(() => sent(project.signal(settlement, settled))).catch(() => undefined),
    settleAll: () => undefined,
    unpaid: [],
  };
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
