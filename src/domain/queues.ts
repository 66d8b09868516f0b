// One task queue per kind of machine. A worker serves any subset of them. And what can be known of a task that waits in one.
export const queues = {
  workflows: 'millwright',
  agents: 'millwright-agents',
  sandbox: 'millwright-sandbox',
  gate: 'millwright-gate',
} as const;

export type QueueKind = keyof typeof queues;

/** A task that stands in its queue, under the id that the workflow gave it. */
export type QueuedTask = { queue: string; activityId: string; priorityKey: number };

/** Taken by a worker meanwhile; or about how many stand before it, and whether any worker of that queue is up at all. */
export type QueueLook = { standing: false } | { standing: true; attended: boolean; ahead: number };

/** What Temporal says of a queue's workers: seconds since each asked for work, and since each that it knows of was heard. */
export type Attendance = { polledSecondsAgo: readonly number[]; heardSecondsAgo: readonly number[] };

// A worker asks for a minute at a time, and is heard every minute. Some seconds are for clocks that differ.
const POLL_SECONDS = 75;
const HEARD_SECONDS = 90;

/** A worker with its hands full asks for nothing, and Temporal forgets it after five minutes; one that died is remembered as long. */
export function isAttended({ polledSecondsAgo, heardSecondsAgo }: Attendance): boolean {
  if (polledSecondsAgo.some((seconds) => seconds < POLL_SECONDS)) return true;
  // An older server hears nobody; then whoever asked in the last minutes is taken to be at work.
  if (heardSecondsAgo.length === 0) return polledSecondsAgo.length > 0;
  return heardSecondsAgo.some((seconds) => seconds < HEARD_SECONDS);
}

/** Tasks by how urgent they are, the lower the more; `own` is among them. */
export function aheadOf(own: number, waiting: readonly { priorityKey: number; tasks: number }[]): number {
  const asUrgent = waiting.filter(({ priorityKey }) => priorityKey <= own);
  return Math.max(0, asUrgent.reduce((sum, { tasks }) => sum + tasks, 0) - 1);
}
