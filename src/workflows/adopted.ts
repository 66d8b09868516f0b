// A milestone that an earlier history of this project has started. It is no child of this one, so the server is asked what became of it.
import { CancellationScope, condition, getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow';
import { rung } from '../domain/ladder';
import { milestoneWorkflowId } from '../domain/names';
import type { MilestoneResult } from '../domain/schedule';
import { looks } from './activities';
import type { Run } from './run';

// It says so itself when it is over, and may be heard a moment before the server knows; the rest is for the case that it cannot.
const LOOK_AGAIN = ['2 seconds', '10 seconds', '1 minute', '10 minutes', '1 hour'] as const;

/** When it was cancelled here, and has ended, the cancellation is thrown. */
export async function adopted(run: Run, id: string, runId: string): Promise<MilestoneResult> {
  const workflowId = milestoneWorkflowId({ project: run.subject.place.project, milestone: id });
  let cancelled: unknown;
  for (let times = 0; ; times++) {
    run.milestones.overs.delete(id);
    const { resumes } = run.desk;
    const after = rung(LOOK_AGAIN, times + 1);
    const spoken = () => run.milestones.overs.has(id) || run.desk.resumes > resumes;
    const wait = () => condition(spoken, after);
    try {
      if (await (cancelled === undefined ? wait() : CancellationScope.nonCancellable(wait))) times = -1;
    } catch (error) {
      if (!isCancellation(error) || cancelled !== undefined) throw error;
      cancelled = error;
      times = -1;
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(workflowId).cancel()).catch(
        () => undefined,
      );
    }
    const look = await CancellationScope.nonCancellable(() => looks.lookAtRun({ workflowId, runId })).catch(
      () => undefined,
    );
    if (look?.over !== true) continue;
    if (look.result !== undefined) return look.result;
    if (cancelled !== undefined) throw cancelled;
    return { outcome: 'failed', reason: look.reason };
  }
}
