// A person's decision about exactly one candidate, or one plan.
import { mayDecide } from '../domain/decision';
import { stopped, type Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { ledger } from './activities';
import { ask } from './asking';
import type { Run } from './run';

export async function awaitApproval(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const plan = stage.approval === 'plan';
  const subject = plan ? (run.handoffOf('MilestonePlan')?.facts.digest as string | undefined) : run.candidate;
  if (subject === undefined)
    return stopped('blocked', 'nothing-to-approve', `there is no ${stage.approval} to approve`);
  const task = run.task(name, iteration);
  const { session, branch, approvers, signed } = run.subject;
  const before = session && (await ledger.approvedBefore({ ...task, subject, branch }));
  // The gate would refuse the approval of somebody whom this request no longer names.
  if (before && mayDecide(approvers, String(before.facts.by)) && (!signed || before.facts.signature)) return before;
  const question = { stage: name, task, pullRequest: stage.pullRequest, rests: true };
  if (plan) {
    const detail = `the plan ${subject.slice(0, 10)}`;
    return ask(run, { subject, protectedPaths: [] }, { ...question, for: 'plan', detail });
  }
  const detail = `the candidate ${subject.slice(0, 10)} of ${run.subject.title}`;
  return ask(run, { ...run.assembled, subject }, { ...question, for: 'approval', detail });
}
