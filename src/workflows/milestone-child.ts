// One milestone as a child workflow: started with what it inherits, under an id that may still be taken, and heard to its end.
import { CancellationScope, condition, isCancellation, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ending } from '../domain/engine';
import { milestoneWorkflowId, type Place } from '../domain/names';
import type { Stage } from '../domain/pipeline';
import type { MilestoneResult, Planned } from '../domain/schedule';
import type { deliverMilestone } from './deliver-milestone';
import type { Inherited } from './milestone-subject';
import { CANCELLED, type Run } from './run';

const LOOK_AGAIN = '30 seconds';

export async function deliver(run: Run, stage: Stage, milestone: Planned): Promise<MilestoneResult> {
  run.tell(milestone.id, { state: 'running' });
  try {
    const inherited = inheritance(run, stage, milestone);
    const { place, title, branch, repository } = inherited;
    const options = {
      workflowId: milestoneWorkflowId(place),
      args: [undefined, inherited] as [undefined, Inherited],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: title,
      staticDetails: `Milestone **${place.milestone}** of project **${place.project}**, into \`${branch}\` of ${repository}`,
    };
    const child = await onceFree(run, place, () => startChild<typeof deliverMilestone>('deliverMilestone', options));
    run.tell(milestone.id, { state: 'running', runId: child.firstExecutionRunId });
    return await child.result();
  } catch (error) {
    if (!isCancellation(error) || !CancellationScope.current().consideredCancelled)
      return { outcome: 'failed', reason: reasonOf(error) };
    const end = ending(run.state);
    return { outcome: 'abandoned', reason: end !== undefined && 'reason' in end ? end.reason : CANCELLED };
  } finally {
    run.purse?.settleAll(milestone.id);
  }
}

function inheritance(run: Run, stage: Stage, { id, title }: Planned): Inherited {
  const { repository, branch, definition, approvers, place, session } = run.subject;
  const from = stage.hands ?? stage.forEach?.split('.')[0];
  const plan = from === undefined ? undefined : run.state.stages[from]?.handoff?.artifact;
  return {
    place: { project: place.project, milestone: id },
    title,
    repository,
    branch,
    definition,
    pipeline: stage.pipeline!,
    approvers,
    paused: run.desk.paused,
    milestone: { id, title, ...(plan !== undefined && { plan }) },
    ...(session !== undefined && { session }),
    ...(run.purse !== undefined && { budgeted: true }),
  };
}

/** A project that was reset, or started anew, may find a milestone of its former life still at work. */
async function onceFree<T>(run: Run, place: Place, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const detail = `${milestoneWorkflowId(place)} is at work for an earlier run; cancel it, or let it end`;
      run.waits(place.milestone, { for: 'milestones', detail });
      const { resumes } = run.desk;
      await condition(() => run.desk.resumes > resumes, LOOK_AGAIN);
      run.waitsNoMore(place.milestone);
    }
  }
}

function reasonOf(error: unknown): string {
  if (isCancellation(error)) return 'it was cancelled'; // by somebody on its own: only this milestone is lost
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof Error ? reasonOf(cause) : (error as Error).message;
}
