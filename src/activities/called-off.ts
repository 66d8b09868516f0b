// Whether anybody still waits for a piece of work.
import { activityInfo, cancellationDetails, getClient } from '@temporalio/activity';

/** That this attempt is not known any more says nothing yet: it may have been given to another worker. */
export async function isCalledOff(): Promise<boolean> {
  const { cancelRequested = false, notFound = false } = cancellationDetails() ?? {};
  return cancelRequested || (notFound && !(await isRunning()));
}

async function isRunning(): Promise<boolean> {
  const { workflowId, runId } = activityInfo().workflowExecution!;
  return (await getClient().workflow.getHandle(workflowId, runId).describe()).status.name === 'RUNNING';
}
