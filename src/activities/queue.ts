// Looks for a task that a workflow has given to a queue: whether a worker has it, how many stand before it, who is there to take it.
import { activityInfo, getClient } from '@temporalio/activity';
import { aheadOf, isAttended, type Attendance, type QueuedTask, type QueueLook } from '../domain/queues';

// Of Temporal's API: TASK_QUEUE_TYPE_ACTIVITY, PENDING_ACTIVITY_STATE_SCHEDULED, WORKER_STATUS_RUNNING.
const ACTIVITY_QUEUE = 2;
const SCHEDULED = 1;
const RUNNING = 1;
// One that is heard is enough; those that died without a word are on record as running, too.
const WORKERS_LIMIT = 20;
const LONG_AGO = Infinity;

type Service = ReturnType<typeof getClient>['workflowService'];

export type QueueActivities = ReturnType<typeof createQueueActivities>;

export function createQueueActivities() {
  return {
    async lookAtQueue({ queue, activityId, priorityKey }: QueuedTask): Promise<QueueLook> {
      const { workflowService } = getClient();
      const { namespace, workflowExecution } = activityInfo();
      const run = await workflowService.describeWorkflowExecution({ namespace, execution: workflowExecution });
      const task = run.pendingActivities.find((pending) => pending.activityId === activityId);
      if (task?.state !== SCHEDULED) return { standing: false };

      const about = { namespace, taskQueue: { name: queue }, taskQueueType: ACTIVITY_QUEUE, reportStats: true };
      const { pollers, stats, statsByPriorityKey } = await workflowService.describeTaskQueue(about);
      const byPriority = Object.entries(statsByPriorityKey);
      // An older server knows no priorities: there all are alike.
      const waiting = byPriority.length === 0 ? [[`${priorityKey}`, stats] as const] : byPriority;
      const attended = isAttended({
        polledSecondsAgo: pollers.map(({ lastAccessTime }) => secondsSince(lastAccessTime)),
        heardSecondsAgo: await workersHeard(workflowService, namespace, queue),
      });
      const tasks = waiting.map(([key, count]) => ({
        priorityKey: Number(key),
        tasks: Number(count?.approximateBacklogCount ?? 0),
      }));
      return { standing: true, attended, ahead: aheadOf(priorityKey, tasks) };
    },
  };
}

async function workersHeard(
  service: Service,
  namespace: string,
  queue: string,
): Promise<Attendance['heardSecondsAgo']> {
  try {
    const { workers } = await service.listWorkers({ namespace, query: `TaskQueue = '${queue}'` });
    const running = workers.filter(({ status }) => status === RUNNING).slice(0, WORKERS_LIMIT);
    const described = running.map(({ workerInstanceKey }) => service.describeWorker({ namespace, workerInstanceKey }));
    const heard = (await Promise.all(described)).map(({ workerInfo }) => workerInfo?.workerHeartbeat?.heartbeatTime);
    return [...heard.map(secondsSince), ...(workers.length > running.length ? [LONG_AGO] : [])];
  } catch {
    return []; // An older server keeps no account of its workers.
  }
}

const secondsSince = (time?: { seconds?: { toString(): string } | number | null } | null): number =>
  Date.now() / 1000 - Number(time?.seconds ?? 0);
