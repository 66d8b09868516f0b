// A run that is long has several histories, one after the other. It is known by its first one, and asked for by that.
import { activityInfo, getClient } from '@temporalio/activity';
import { firstRunOf, type RunName } from '../domain/signature';
import type { MilestoneResult, RunLook } from '../domain/schedule';

export type HistoryActivities = ReturnType<typeof createHistoryActivities>;

export function createHistoryActivities() {
  return {
    /** What became of a milestone, through all its histories: another run may have its id by now. */
    async lookAtRun({ workflowId, runId }: RunName): Promise<RunLook> {
      const { workflow } = getClient();
      try {
        const latest = await workflow.getHandle(workflowId).describe();
        const isIts = firstRunOf(latest) === runId;
        if (isIts && latest.status.name === 'RUNNING') return { over: false };
        // Its first history may be past its retention, or closed by a reset: the latest says what came of it.
        const asked = workflow.getHandle(workflowId, isIts ? latest.runId : runId);
        return { over: true, result: (await asked.result()) as MilestoneResult };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (error.name === 'WorkflowNotFoundError') return { over: true, reason: 'the server keeps it no more' };
        if (error.name === 'WorkflowFailedError') return { over: true, reason: reasonOf(error) };
        throw error;
      }
    },
  };
}

function reasonOf(error: Error): string {
  if (error.name === 'CancelledFailure') return 'it was cancelled';
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

/** The workflow that asks, as the server has it and not as it says itself. */
export async function askingRun(): Promise<RunName> {
  const { namespace, workflowExecution } = activityInfo();
  const { workflowId, runId } = workflowExecution!;
  const raw = await getClient().workflowService.describeWorkflowExecution({ namespace, execution: workflowExecution });
  return { workflowId, runId: firstRunOf({ runId, raw }) };
}
