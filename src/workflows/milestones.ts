// A stage that is other pipelines: one child workflow for each milestone, in dependency order, side by side up to the limit.
import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { blockedBy, mayBegin, settledIn, summed, type Planned } from '../domain/schedule';
import { ledger } from './activities';
import { isLong } from './continuing';
import { holdBack, progressOf } from './backlog';
import { deliver } from './milestone-child';
import type { Run } from './run';

export async function deliverMilestones(run: Run, name: string, stage: Stage): Promise<Handoff> {
  const plan = plannedIn(run, name, stage);
  const progress = () => progressOf(run, plan);
  const begin = (milestone: Planned) =>
    void deliver(run, stage, milestone).then((result) => run.milestones.conclude(milestone.id, result));
  if (run.atWork.delete(name)) plan.filter(({ id }) => run.milestones.get(id)!.state === 'running').forEach(begin);
  else plan.forEach((milestone) => run.milestones.plan(run.subject.place.project, milestone));

  while (settledIn(progress()) < plan.length) {
    for (const { id, by } of blockedBy(plan, progress())) {
      run.milestones.conclude(id, { outcome: 'blocked', reason: `it needs ${by}, which was not delivered` });
    }
    if (!run.desk.paused && !isLong()) mayBegin(plan, progress(), run.subject.limits).forEach(begin);
    const before = progress();
    const regrouped = holdBack(run, name, plan, before);
    run.show();
    const { paused } = run.desk;
    const moved = () => {
      const now = progress();
      const settled = settledIn(now);
      if (settled > settledIn(before) || settled === plan.length || run.desk.paused !== paused) return true;
      return regrouped(now) || blockedBy(plan, now).length > 0;
    };
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
