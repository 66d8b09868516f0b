// A stage that is other pipelines: one child workflow for each milestone, in dependency order, side by side up to the limit.
import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { blockedBy, mayBegin, summed, type MilestoneResult, type Planned } from '../domain/schedule';
import { outcomeWords } from '../domain/status';
import { ledger } from './activities';
import { isLong } from './continuing';
import { holdBack, progressOf } from './backlog';
import { deliver } from './milestone-child';
import type { Run } from './run';

export async function deliverMilestones(run: Run, name: string, stage: Stage): Promise<Handoff> {
  const plan = plannedIn(run, name, stage);
  const progress = () => progressOf(run, plan);
  const begin = (milestone: Planned) =>
    void deliver(run, stage, milestone).then((result) => conclude(run, milestone.id, result));
  if (run.atWork.delete(name)) plan.filter(({ id }) => progress().running.includes(id)).forEach(begin);
  else plan.forEach((milestone) => run.plans(milestone));

  const over = () => Object.keys(progress().results).length === plan.length;
  while (!over()) {
    for (const { id, by } of blockedBy(plan, progress())) {
      conclude(run, id, { outcome: 'blocked', reason: `it needs ${by}, which was not delivered` });
    }
    if (!run.desk.paused && !isLong()) mayBegin(plan, progress(), run.subject.limits).forEach(begin);
    const regrouped = holdBack(run, name, plan, progress);
    run.show();
    const settled = Object.keys(progress().results).length;
    const { paused } = run.desk;
    const open = () => over() || regrouped() || blockedBy(plan, progress()).length > 0;
    const moved = () => Object.keys(progress().results).length > settled || run.desk.paused !== paused || open();
    await run.rests(name, () => condition(moved));
  }
  // What comes after the milestones looks at what they made of the branch.
  const { repository, branch } = run.subject;
  run.base = await ledger.headOf({ repository, branch });
  return summed(name, plan, progress().results);
}

/** One for each element of the list that the stage names; without one, a single one that is called like the stage. */
function plannedIn(run: Run, name: string, stage: Stage): Planned[] {
  if (stage.forEach === undefined) return [{ id: name, title: run.subject.title, dependencies: [] }];
  const found = run.fact(stage.forEach);
  if (!Array.isArray(found))
    throw ApplicationFailure.nonRetryable(`there is no list at ${stage.forEach}`, 'InvalidDefinition');
  return found as Planned[];
}

function conclude(run: Run, id: string, { attempts: _, ...result }: MilestoneResult): void {
  run.tell(id, { state: result.outcome, reason: outcomeWords(result), result });
}
