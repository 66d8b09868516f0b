// Calls an activity for as long as it takes a person to bring what it lacks: a worker, a credential, a sandbox. Each such wait has a name.
import { ActivityFailure, ApplicationFailure, condition, TimeoutFailure } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import { summarize } from '../domain/handoff';
import type { WaitReason } from '../domain/status';
import type { Run } from './run';

const LOOK_AGAIN = ['30 seconds', '2 minutes', '10 minutes'] as const;

/** How long a task stands in its queue before a person hears that nobody takes it; the second time it just stands there. */
type QueueWait = { scheduleToStartTimeout?: Duration };
const STAND_IN_QUEUE: QueueWait = { scheduleToStartTimeout: '12 hours' };

export async function patiently<T>(
  run: Run,
  stage: string,
  queue: string,
  call: (waits: QueueWait) => Promise<T>,
): Promise<T> {
  let waits: QueueWait = {};
  for (let times = 0; ; times++) {
    try {
      const result = await call(waits);
      run.waitsNoMore(stage);
      return result;
    } catch (error) {
      const lack = lackIn(error, queue);
      if (lack === undefined) throw error;
      run.waits(stage, lack);
      if (lack.for.startsWith('worker:')) {
        waits = STAND_IN_QUEUE;
        continue;
      }
      const { resumes } = run.desk;
      await condition(() => run.desk.resumes > resumes, LOOK_AGAIN[Math.min(times, LOOK_AGAIN.length - 1)]!);
    }
  }
}

function lackIn(error: unknown, queue: string): { for: WaitReason; detail: string } | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return {
      for: `worker:${queue}`,
      detail: `no worker of ${queue} is free; where none runs, start one: npm run worker`,
    };
  }
  if (!(cause instanceof ApplicationFailure)) return undefined;
  if (cause.type === 'CredentialsRefused') return { for: 'credentials', detail: summarize(cause.message) };
  if (cause.type === 'SandboxMissing') return { for: 'sandbox', detail: summarize(cause.message) };
  return undefined;
}
