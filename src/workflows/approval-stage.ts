// A person's decision about exactly one candidate, or one plan.
import { mayDecide } from '../domain/decision';
import { stopped, type Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { ledger } from './activities';
import { openPullRequest } from './proposal';
import { now, type Run } from './run';

export async function awaitApproval(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const plan = stage.approval === 'plan';
  const subject = plan ? (run.handoffOf('MilestonePlan')?.facts.digest as string | undefined) : run.candidate;
  if (subject === undefined)
    return stopped('blocked', 'nothing-to-approve', `there is no ${stage.approval} to approve`);
  const asked = { ...run.task(name, iteration), subject };
  const { session, branch, approvers } = run.subject;
  const before = session && (await ledger.approvedBefore({ ...asked, branch }));
  // The gate would refuse the approval of somebody whom this request no longer names.
  if (before && mayDecide(approvers, String(before.facts.by))) return before;
  const detail = plan
    ? `the plan ${subject.slice(0, 10)}`
    : `the candidate ${subject.slice(0, 10)} of ${run.subject.title}`;
  const waits = (more = '') =>
    run.waits(name, { for: plan ? 'plan' : 'approval', detail: `${detail}${more}`, subject });
  waits();
  const proposal = stage.pullRequest ? openPullRequest(run, (words) => waits(`, ${words}`)) : undefined;
  const verdict = await run.desk.verdictOn(subject);
  proposal?.cancel();
  run.waitsNoMore(name);

  const { kind, by, note, at } = verdict;
  const decision = kind === 'approve' ? ('approved' as const) : ('changes-requested' as const);
  return ledger.recordDecision({ ...asked, at: now(), decision, by, note, decidedAt: at });
}
