// A person's decision about exactly one candidate, or one plan.
import { stopped, type Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { ledger } from './activities';
import type { Run } from './run';

export async function awaitApproval(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const plan = stage.approval === 'plan';
  const subject = plan ? (run.handoffOf('MilestonePlan')?.facts.digest as string | undefined) : run.candidate;
  if (subject === undefined)
    return stopped('blocked', 'nothing-to-approve', `there is no ${stage.approval} to approve`);
  const detail = plan
    ? `the plan ${subject.slice(0, 10)}`
    : `the candidate ${subject.slice(0, 10)} of ${run.subject.title}`;
  run.waits(name, { for: plan ? 'plan' : 'approval', detail, subject });
  const verdict = await run.desk.verdictOn(subject);
  run.waitsNoMore(name);

  const { kind, by, note, at } = verdict;
  const decision = kind === 'approve' ? ('approved' as const) : ('changes-requested' as const);
  return ledger.recordDecision({ ...run.task(name, iteration), subject, decision, by, note, decidedAt: at });
}
