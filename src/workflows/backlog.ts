// Holds milestones back while too many of those under way only wait for a worker: begun, they would make the queues longer and nothing faster.
import { summarize } from '../domain/handoff';
import { heldBack, type Planned, type Progress } from '../domain/schedule';
import { waitsForQueue } from '../domain/status';
import type { Run } from './run';

/** How the milestones stand, by what they have said of themselves. */
export function progressOf(run: Run, results: Progress['results'], started: ReadonlySet<string>): Progress {
  const running = [...started];
  const waiting = running.filter((id) => {
    const { waitingFor } = run.milestones.get(id)!;
    return waitingFor !== undefined && waitsForQueue(waitingFor);
  });
  return { results, running, waiting };
}

/** Says which are held back now, if any are; the answer tells when that has changed. */
export function holdBack(run: Run, stage: string, plan: readonly Planned[], progress: () => Progress): () => boolean {
  const heldNow = () => heldBack(plan, progress(), run.subject.limits).map(({ id }) => id);
  const held = heldNow();
  if (held.length === 0) run.waitsNoMore(stage);
  else {
    const detail = `${held.join(', ')}: not begun while ${progress().waiting.join(', ')} wait for a worker`;
    run.waits(stage, { for: 'backlog', detail: summarize(detail) });
  }
  return () => heldNow().join() !== held.join();
}
