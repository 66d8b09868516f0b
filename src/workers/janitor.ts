// The schedule that tidies up: set up by whichever worker of the workflows comes first, and left as it is when it is there.
import { Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { queues } from '../domain/queues';

const JANITOR = 'millwright-janitor';
const EVERY = '10 minutes';

/** Nothing is lost without it, so a server that does not let us is no reason not to work; says why it could not be. */
export async function scheduleJanitor(connection: NativeConnection, namespace: string): Promise<string | undefined> {
  const { schedule } = new Client({ connection, namespace });
  try {
    await schedule.create({
      scheduleId: JANITOR,
      spec: { intervals: [{ every: EVERY }] },
      action: { type: 'startWorkflow', workflowType: 'tidyUp', workflowId: JANITOR, taskQueue: queues.workflows },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
    });
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return undefined;
    return `the schedule ${JANITOR}, which ends what terminated projects leave, could not be made: ${(error as Error).message}`;
  }
}
