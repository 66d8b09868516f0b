// One milestone as a child workflow: started with what it inherits, under an id that may still be taken, and heard to its end.
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ending } from '../domain/engine';
import { inert, verbatim } from '../domain/markdown';
import { milestoneWorkflowId } from '../domain/names';
import type { Stage } from '../domain/pipeline';
import type { MilestoneResult, Planned } from '../domain/schedule';
import { adopted } from './adopted';
import type { deliverMilestone } from './deliver-milestone';
import { sent } from './errands';
import type { Inherited } from './milestone-subject';
import { CANCELLED, type Run } from './run';

const LOOK_AGAIN = '30 seconds';

export async function deliver(run: Run, stage: Stage, milestone: Planned): Promise<MilestoneResult> {
  const { runId } = run.milestones.get(milestone.id)!;
  try {
    if (runId !== undefined) return await adopted(run, milestone.id, runId);
    run.milestones.tell(milestone.id, { state: 'running' });
    run.waitsNoMore(milestone.id); // what an earlier history waited for
    const child = await onceFree(run, milestone, () => begin(run, stage, milestone));
    return await endedByName(child.workflowId, child.result());
  } catch (error) {
    if (!isCancellation(error) || !CancellationScope.current().consideredCancelled)
      return { outcome: 'failed', reason: reasonOf(error) };
    const end = ending(run.state);
    return { outcome: 'abandoned', reason: end !== undefined && 'reason' in end ? end.reason : CANCELLED };
  } finally {
    run.purse?.settleAll(milestone.id);
  }
}

/** With what holds now: it may have had to wait. */
async function begin(run: Run, stage: Stage, milestone: Planned) {
  const inherited = inheritance(run, stage, milestone);
  const { place, title, branch, repository } = inherited;
  const child = await startChild<typeof deliverMilestone>('deliverMilestone', {
    workflowId: milestoneWorkflowId(place),
    args: [undefined, inherited],
    // It goes on while the history of its project ends and the next begins; "adopted" then hears what comes of it.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: inert(title).slice(0, 200),
    staticDetails: `Milestone **${place.milestone}** of project **${place.project}**, into \`${branch}\` of ${verbatim(repository)}`,
  });
  run.milestones.tell(milestone.id, { state: 'running', runId: child.firstExecutionRunId });
  return child;
}

function inheritance(run: Run, stage: Stage, { id, title }: Planned): Inherited {
  const { repository, branch, definition, approvers, acceptance, place, session, signed } = run.subject;
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
    project: { workflowId: workflowInfo().workflowId, runId: workflowInfo().firstExecutionRunId },
    milestone: { id, title, ...(plan !== undefined && { plan }) },
    ...(acceptance && { acceptance: { ...acceptance, whole: isLast(run, id) } }),
    ...(session !== undefined && { session }),
    ...(signed && { signed, spent: run.desk.spent }),
    ...(run.purse !== undefined && { budgeted: true }),
  };
}

const isLast = ({ milestones }: Run, id: string) =>
  [...milestones.values()].every((one) => one.id === id || (one.state !== 'planned' && one.state !== 'running'));

/** Temporal ends a child by the run that was started, and does nothing where that has gone on in a further history. */
async function endedByName<T>(workflowId: string, result: Promise<T>): Promise<T> {
  let over = false;
  const end = () => getExternalWorkflowHandle(workflowId).cancel();
  CancellationScope.current().cancelRequested.catch(() => {
    if (!over && patched('ended-by-name')) void CancellationScope.nonCancellable(end).catch(() => undefined);
  });
  return result.finally(() => (over = true));
}

/** A project that was reset, or started anew, may find a milestone of its former life still at work. */
async function onceFree<T>(run: Run, { id }: Planned, start: () => Promise<T>): Promise<T> {
  const workflowId = milestoneWorkflowId({ project: run.subject.place.project, milestone: id });
  for (;;) {
    if (run.desk.paused && patched('begun-when-not-paused')) await condition(() => !run.desk.paused);
    try {
      return await sent(start());
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const detail = `${workflowId} is at work for an earlier run; cancel it, or let it end`;
      run.waits(id, { for: 'milestones', detail });
      const { resumes } = run.desk;
      await condition(() => run.desk.resumes > resumes, LOOK_AGAIN);
      run.waitsNoMore(id);
    }
  }
}

function reasonOf(error: unknown): string {
  if (isCancellation(error)) return 'it was cancelled'; // by somebody on its own: only this milestone is lost
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof Error ? reasonOf(cause) : (error as Error).message;
}
