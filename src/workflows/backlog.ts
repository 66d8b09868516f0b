// Holds milestones back while too many of those under way only wait for a worker: begun, they would make the queues longer and nothing faster.
import { summarize } from '../domain/handoff';
import { heldBack, type Planned, type Progress } from '../domain/schedule';
import { waitsForQueue } from '../domain/status';
import type { Run } from './run';

/** How these milestones stand; what the running ones wait for they have said themselves. */
export function progressOf(run: Run, plan: readonly Planned[]): Progress {
  const all = plan.map(({ id }) => run.milestones.get(id)!);
  const running = all.filter(({ state }) => state === 'running');
  const waiting = running.filter(({ waitingFor }) => waitingFor !== undefined && waitsForQueue(waitingFor));
  return {
    results: Object.fromEntries(all.flatMap(({ id, result }) => (result === undefined ? [] : [[id, result]]))),
    running: running.map(({ id }) => id),
    waiting: waiting.map(({ id }) => id),
  };
}

/** Says which are held back now, if any are; the answer tells when that has changed. */
export function holdBack(
  run: Run,
  stage: string,
  plan: readonly Planned[],
  progress: Progress,
): (now: Progress) => boolean {
  const heldIn = (now: Progress) => heldBack(plan, now, run.subject.limits).map(({ id }) => id);
  const held = heldIn(progress);
  if (held.length === 0) run.waitsNoMore(stage);
  else {
    const detail = `${held.join(', ')}: not begun while ${progress.waiting.join(', ')} wait for a worker`;
    run.waits(stage, { for: 'backlog', detail: summarize(detail) });
  }
  return (now) => heldIn(now).join() !== held.join();
}
