// Ends what nobody hears of any more: milestones whose project was terminated, and so could not tell them.
import { getClient } from '@temporalio/activity';
import { alive } from './alive';

export type JanitorActivities = ReturnType<typeof createJanitorActivities>;

type Execution = { workflowId: string; runId: string };

const LEFT = "WorkflowType = 'deliverMilestone' AND ExecutionStatus = 'Running' AND ParentWorkflowId IS NOT NULL";

export function createJanitorActivities() {
  return {
    /** Each is told to end, and cleans up after itself; answers which. */
    endLeftMilestones: (): Promise<string[]> =>
      alive(async () => {
        const { workflow } = getClient();
        const ended: string[] = [];
        for await (const { workflowId, runId, parentExecution } of workflow.list({ query: LEFT })) {
          const { workflowId: project, runId: history } = parentExecution ?? {};
          if (!project || !history || (await isAtWork({ workflowId: project, runId: history }))) continue;
          await workflow.getHandle(workflowId, runId).cancel().catch(unlessGone);
          ended.push(workflowId);
        }
        return ended;
      }),
  };
}

/** Whether the run that this history is part of goes on, in whatever history by now. */
async function isAtWork({ workflowId, runId }: Execution): Promise<boolean> {
  const { workflow } = getClient();
  const now = await workflow.getHandle(workflowId).describe().catch(unlessGone);
  if (now?.status.name !== 'RUNNING') return false;
  const then = await workflow.getHandle(workflowId, runId).describe().catch(unlessGone);
  // Past the server's retention there is no telling; then it is taken for the same.
  return then === undefined || firstRunOf(then) === firstRunOf(now);
}

const firstRunOf = ({ raw }: { raw: { workflowExecutionInfo?: { firstRunId?: string | null } | null } }) =>
  raw.workflowExecutionInfo?.firstRunId;

function unlessGone(error: unknown): undefined {
  if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
}
