// No call of a model is made before it is paid for: out of the run's own account, or out of that of its project.
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { lackOf, priceOf, type Account } from '../domain/account';
import type { Handoff } from '../domain/handoff';
import { milestoneWorkflowId } from '../domain/names';
import { Claim, Payment, Settlement } from '../domain/payment';
import type { AgentTask } from '../domain/tasks';
import { sparing } from './continuing';
import { sent } from './errands';
import { claim, payment, settlement } from './messages';
import { readable } from './readable';
import type { Run } from './run';

// A project that was reset, or begun anew, has forgotten what it was asked for.
const ASK_AGAIN = '10 minutes';
// Temporal takes 2,000 at once. Who got no answer asks again.
const STRANGERS_LIMIT = 100;
const UNKNOWN =
  'its project was reset or begun anew, and does not have it at work. It is asked again from time to time, and at once by `resume`; `abandon` ends this milestone';

export interface Purse {
  /** Resolves when the call may be made; until then the run waits for `budget`. */
  pay(asked: Claim): Promise<void>;
  settle(settled: Settlement): void;
  /** This milestone is over: what it has not settled costs what was reserved. */
  settleAll(milestone: string): void;
  /** What milestones have asked for and not been paid yet. */
  readonly unpaid: readonly Claim[];
  /** Somebody's claim has been met who has not been told so. */
  readonly isBusy: boolean;
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
  const met = new Set<string>();
  const ofMilestone = (id: string) => `${id}/`;
  const nameOf = ({ milestone, call }: Pick<Claim, 'milestone' | 'call'>) => `${ofMilestone(milestone)}${call}`;
  const settle = (settled: Settlement) => {
    const name = nameOf(settled);
    waiting.delete(name); // it is not needed any more
    account.settle(name, settled.usd);
    run.show();
  };
  const meets = (name: string, { usd }: Claim) => {
    if (!account.reserve(name, usd)) return false;
    met.add(name);
    return true;
  };
  const pay = async (asked: Claim, refused: (detail: string) => void = () => undefined) => {
    const name = nameOf(asked);
    if (meets(name, asked)) return;
    const detail = lackOf(asked.what, account.budget);
    refused(detail);
    waiting.set(name, asked);
    run.waits(name, { for: 'budget', detail });
    await condition(() => !waiting.has(name) || meets(name, asked));
    waiting.delete(name);
    run.waitsNoMore(name);
  };
  const say = async (milestone: string, answer: Payment) => {
    const to = getExternalWorkflowHandle(milestoneWorkflowId({ project: run.subject.place.project, milestone }));
    // One that has ended meanwhile needs no answer.
    await sent(to.signal(payment, answer)).catch(() => undefined);
  };
  const pays = (asked: Claim) => {
    const { milestone, call } = asked;
    const tell = () => {
      void say(milestone, { call, paid: true });
      met.delete(nameOf(asked));
    };
    pay(asked, (detail) => void say(milestone, { call, paid: false, detail })).then(tell, unlessCancelled);
  };
  let strangers = 0;
  const sendAway = ({ milestone, call }: Claim) => {
    if (strangers >= STRANGERS_LIMIT || !patched('claims-of-strangers-are-answered')) return;
    strangers += 1;
    void say(milestone, { call, paid: false, detail: UNKNOWN }).finally(() => (strangers -= 1));
  };
  const heard = (asked: Claim) => {
    if (run.milestones.get(asked.milestone)?.state !== 'running') sendAway(asked);
    else if (!waiting.has(nameOf(asked)) || !patched('a-claim-waits-once')) pays(asked);
  };
  for (const asked of unpaid) {
    pays(asked);
    // Met at once, it does not wait here, as it did in the history before.
    if (!waiting.has(nameOf(asked)) && patched('met-as-a-history-begins')) run.waitsNoMore(nameOf(asked));
  }
  setHandler(claim, (said) => {
    const asked = Claim.safeParse(readable(said));
    if (asked.success) heard(asked.data);
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
    ...{ settle, settleAll },
    async pay(asked) {
      await pay(asked);
      met.delete(nameOf(asked));
    },
    get isBusy() {
      return met.size > 0;
    },
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
        while (!paid.has(call)) {
          const { resumes } = run.desk;
          await sent(project.signal(claim, asking));
          const again = () => paid.has(call) || run.desk.resumes > resumes;
          await (patched('claims-are-sent-again')
            ? condition(again, sparing(ASK_AGAIN))
            : condition(() => paid.has(call)));
        }
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
    isBusy: false,
    unpaid: [],
  };
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
