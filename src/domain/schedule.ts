// Which milestones may begin: in dependency order, as many at once as allowed, and none on top of too much waiting work. One that fails blocks those that need it.
import type { Evaluated } from './attempts';
import { summarize, type Handoff } from './handoff';
import { noUsage } from './usage';

export type Planned = { id: string; title: string; dependencies: readonly string[] };

export type MilestoneResult = Evaluated &
  (
    | { outcome: 'merged'; commit: string; candidate: string; approvedBy: string }
    | { outcome: 'complete' }
    | { outcome: 'skipped' | 'abandoned' | 'failed' | 'blocked'; reason: string; cause?: string }
  );

export type Outcome = MilestoneResult['outcome'];

/** What the server knows of a milestone. */
export type RunLook =
  { over: false } | { over: true; result: MilestoneResult } | { over: true; result?: undefined; reason: string };

const carriesOn = (outcome: Outcome | undefined) =>
  outcome === 'merged' || outcome === 'complete' || outcome === 'skipped';

export type Progress = {
  results: Readonly<Record<string, MilestoneResult>>;
  running: readonly string[];
  /** Those of the running ones whose work waits for a queue or a worker. */
  waiting: readonly string[];
};

export const settledIn = ({ results }: Progress): number => Object.keys(results).length;

export type Limits = { maxParallel: number; maxWaiting: number };

export function mayBegin(plan: readonly Planned[], progress: Progress, limits: Limits): Planned[] {
  return backedUp(progress, limits) ? [] : nextOf(plan, progress, limits);
}

/** Those that would begin now, were there not so much waiting already: more of it would only make the queues longer. */
export function heldBack(plan: readonly Planned[], progress: Progress, limits: Limits): Planned[] {
  return backedUp(progress, limits) ? nextOf(plan, progress, limits) : [];
}

const backedUp = ({ waiting }: Progress, { maxWaiting }: Limits) => waiting.length >= maxWaiting;

function nextOf(plan: readonly Planned[], { results, running }: Progress, { maxParallel }: Limits): Planned[] {
  const free = Math.max(0, maxParallel - running.length);
  return plan
    .filter(({ id }) => results[id] === undefined && !running.includes(id))
    .filter(({ dependencies }) => dependencies.every((need) => carriesOn(results[need]?.outcome)))
    .slice(0, free);
}

/** Those that can never begin, each with the milestone that stands in the way. */
export function blockedBy(
  plan: readonly Planned[],
  { results, running }: Pick<Progress, 'results' | 'running'>,
): { id: string; by: string }[] {
  return plan.flatMap(({ id, dependencies }) => {
    if (results[id] !== undefined || running.includes(id)) return [];
    const by = dependencies.find((need) => results[need] !== undefined && !carriesOn(results[need]!.outcome));
    return by === undefined ? [] : [{ id, by }];
  });
}

/** What came of all of them, for the stages after them. */
export function summed(
  name: string,
  plan: readonly Planned[],
  results: Readonly<Record<string, MilestoneResult>>,
): Handoff {
  const merged = plan.filter(({ id }) => results[id]!.outcome === 'merged');
  const facts = {
    merged: merged.length,
    planned: plan.length,
    results: plan.map(({ id }) => ({ id, outcome: results[id]!.outcome })),
  };
  return {
    status: 'ok',
    confidence: 1,
    summary: summarize(`${name}: ${merged.length} of ${plan.length} milestones merged`),
    facts,
    usage: noUsage,
  };
}
