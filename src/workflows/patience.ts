// Calls an activity for as long as it takes a person to bring what it lacks: a worker, a credential, a sandbox. Each such wait has a name.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  TimeoutFailure,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/common';
import { summarize } from '../domain/handoff';
import { rung } from '../domain/ladder';
import type { QueueLook } from '../domain/queues';
import type { Waiting } from '../domain/status';
import { looks } from './activities';
import { sparing } from './continuing';
import type { Run } from './run';

const LOOK_AGAIN = ['30 seconds', '2 minutes', '10 minutes'] as const;
// The server's count of a queue is some seconds old; and a look costs some events of history, so they become rarer.
const LOOK_AT_QUEUE = ['10 seconds', '1 minute', '2 minutes', '5 minutes', '10 minutes'] as const;

/** How a task stands in its queue. The first time it has the patience of all; after that it just stands there. */
type QueueWait = Pick<ActivityOptions, 'scheduleToStartTimeout' | 'priority' | 'activityId'>;
type Standing = QueueWait & { priority: { priorityKey: number }; activityId: string };
type Lack = Omit<Waiting, 'since'>;

const NORMAL_PRIORITY = 3;

export async function patiently<T>(
  run: Run,
  stage: string,
  queue: string,
  call: (waits: QueueWait) => Promise<T>,
): Promise<T> {
  // Several parts of a stage may wait side by side, each for itself.
  const waiter = Symbol(stage);
  let standing: Standing | undefined;
  try {
    for (let times = 0; ; times++) {
      try {
        return await (standing === undefined ? call({}) : watched(run, waiter, queue, standing, call(standing)));
      } catch (error) {
        standing = isUntaken(error) ? standInQueue() : undefined;
        if (standing !== undefined) continue;
        const lack = lackIn(error);
        if (lack === undefined) throw error;
        run.waits(waiter, lack);
        await lookAgain(run, rung(LOOK_AGAIN, times + 1));
      }
    }
  } finally {
    run.waitsNoMore(waiter);
  }
}

/** `resume` looks at once. */
async function lookAgain(run: Run, after: (typeof LOOK_AGAIN | typeof LOOK_AT_QUEUE)[number]): Promise<void> {
  const { resumes } = run.desk;
  await condition(() => run.desk.resumes > resumes, sparing(after));
}

/** Ahead of all that have not stood there once: who came first still goes first. Each wait has an id by which it is found again. */
function standInQueue(): Standing {
  const { priorityKey = NORMAL_PRIORITY } = workflowInfo().priority ?? {};
  const priority = { priorityKey: Math.max(1, priorityKey - 1) };
  return { scheduleToStartTimeout: '12 hours', priority, activityId: uuid4() };
}

/** Says how the task stands in its queue for as long as it does. The task keeps its place: it is looked at, and left alone. */
async function watched<T>(run: Run, waiter: symbol, queue: string, standing: Standing, called: Promise<T>): Promise<T> {
  const watch = new CancellationScope();
  watch.run(() => keepLooking(run, waiter, queue, standing)).catch(cancelled);
  try {
    return await called;
  } finally {
    watch.cancel();
  }
}

async function keepLooking(run: Run, waiter: symbol, queue: string, { activityId, priority }: Standing) {
  for (let times = 0; ; times++) {
    await lookAgain(run, rung(LOOK_AT_QUEUE, times + 1));
    const task = { queue, activityId, priorityKey: priority.priorityKey };
    const look = await looks.lookAtQueue(task).catch(unseen);
    // Its answer and that of the task may come together.
    if (CancellationScope.current().consideredCancelled) return;
    if (look?.standing === false) run.waitsNoMore(waiter);
    else run.waits(waiter, queueWait(queue, look));
  }
}

/** Where the look failed nobody knows whether workers are busy or gone, and the words fit both. */
function queueWait(queue: string, look: (QueueLook & { standing: true }) | undefined): Lack {
  if (look?.attended) return { for: `queue:${queue}`, detail: `${queue} (${look.ahead} ahead)` };
  return {
    for: `worker:${queue}`,
    detail: `no worker of ${queue} is free; where none runs, start one: npm run worker`,
  };
}

function unseen(error: unknown): undefined {
  if (isCancellation(error)) throw error;
}

function cancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

function isUntaken(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_START';
}

function lackIn(error: unknown): Lack | undefined {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const { type, message } = error.cause;
  if (type === 'CredentialsRefused') return { for: 'credentials', detail: summarize(message) };
  if (type === 'SandboxMissing') return { for: 'sandbox', detail: summarize(message) };
  return undefined;
}
