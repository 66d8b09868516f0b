// A run that is long has several histories, one after the other. It is known by its first one, and asked for by that.
import { activityInfo, getClient } from '@temporalio/activity';
import type { RunName } from '../domain/signature';
import type { MilestoneResult, RunLook } from '../domain/schedule';

export type HistoryActivities = ReturnType<typeof createHistoryActivities>;

export function createHistoryActivities() {
  return {
    /** What became of a milestone, through all its histories: another run may have its id by now. */
    async lookAtRun({ workflowId, runId }: RunName): Promise<RunLook> {
      const { workflow } = getClient();
      const latest = await workflow.getHandle(workflowId).describe();
      const { firstRunId } = latest.raw.workflowExecutionInfo!;
      if (latest.status.name === 'RUNNING' && firstRunId === runId) return { over: false };
      try {
        return { over: true, result: (await workflow.getHandle(workflowId, runId).result()) as MilestoneResult };
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'WorkflowFailedError') throw error;
        return { over: true, reason: reasonOf(error) };
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
  const { namespace, workflowExecution: execution } = activityInfo();
  const { workflowExecutionInfo } = await getClient().workflowService.describeWorkflowExecution({
    namespace,
    execution,
  });
  return { workflowId: execution!.workflowId, runId: workflowExecutionInfo!.firstRunId || execution!.runId };
}
