// A stage that is other pipelines: one child workflow for each milestone, in dependency order, side by side up to the limit.
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ending } from '../domain/engine';
import { summarize, type Handoff } from '../domain/handoff';
import { milestoneWorkflowId, type Place } from '../domain/names';
import type { Stage } from '../domain/pipeline';
import { blockedBy, mayBegin, type MilestoneResult, type Planned } from '../domain/schedule';
import { outcomeWords } from '../domain/status';
import { noUsage } from '../domain/usage';
import { ledger } from './activities';
import { holdBack, progressOf } from './backlog';
import type { deliverMilestone, Inherited } from './deliver-milestone';
import { CANCELLED, type Run } from './run';

const LOOK_AGAIN = '30 seconds';

export async function deliverMilestones(run: Run, name: string, stage: Stage): Promise<Handoff> {
  const plan = plannedIn(run, name, stage);
  const results: Record<string, MilestoneResult> = {};
  const running = new Set<string>();
  const progress = () => progressOf(run, results, running);
  plan.forEach((milestone) => planned(run, milestone));

  while (plan.some(({ id }) => results[id] === undefined)) {
    for (const { id, by } of blockedBy(plan, progress())) {
      conclude(run, results, id, { outcome: 'blocked', reason: `it needs ${by}, which was not delivered` });
    }
    if (!run.desk.paused) {
      for (const milestone of mayBegin(plan, progress(), run.subject.limits)) {
        running.add(milestone.id);
        void deliver(run, stage, milestone).then((result) => {
          running.delete(milestone.id);
          conclude(run, results, milestone.id, result);
        });
      }
    }
    const regrouped = holdBack(run, name, plan, progress);
    run.show();
    const settled = Object.keys(results).length;
    const { paused } = run.desk;
    const open = () => regrouped() || blockedBy(plan, progress()).length > 0;
    await condition(() => Object.keys(results).length > settled || run.desk.paused !== paused || open());
  }
  // What comes after the milestones looks at what they made of the branch.
  const { repository, branch } = run.subject;
  run.base = await ledger.headOf({ repository, branch });
  return summed(name, plan, results);
}

async function deliver(run: Run, stage: Stage, milestone: Planned): Promise<MilestoneResult> {
  show(run, milestone.id, { state: 'running' });
  try {
    const inherited = inheritance(run, stage, milestone);
    const { place, title, branch, repository } = inherited;
    const options = {
      workflowId: milestoneWorkflowId(place),
      args: [undefined, inherited] as [undefined, Inherited],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: title,
      staticDetails: `Milestone **${place.milestone}** of project **${place.project}**, into \`${branch}\` of ${repository}`,
    };
    const child = await onceFree(run, place, () => startChild<typeof deliverMilestone>('deliverMilestone', options));
    show(run, milestone.id, { state: 'running', runId: child.firstExecutionRunId });
    return await child.result();
  } catch (error) {
    if (!isCancellation(error) || !CancellationScope.current().consideredCancelled)
      return { outcome: 'failed', reason: reasonOf(error) };
    const end = ending(run.state);
    return { outcome: 'abandoned', reason: end !== undefined && 'reason' in end ? end.reason : CANCELLED };
  }
}

function inheritance(run: Run, stage: Stage, { id, title }: Planned): Inherited {
  const { repository, branch, definition, approvers, place } = run.subject;
  const from = stage.hands ?? stage.forEach?.split('.')[0];
  const plan = from === undefined ? undefined : run.state.stages[from]?.handoff?.artifact;
  return {
    place: { project: place.project, milestone: id },
    title,
    repository,
    branch,
    definition,
    pipeline: stage.pipeline!,
    approvers,
    paused: run.desk.paused,
    milestone: { id, title, ...(plan !== undefined && { plan }) },
  };
}

/** A project that was reset, or started anew, may find a milestone of its former life still at work. */
async function onceFree<T>(run: Run, place: Place, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const detail = `${milestoneWorkflowId(place)} is at work for an earlier run; cancel it, or let it end`;
      run.waits(place.milestone, { for: 'milestones', detail });
      const { resumes } = run.desk;
      await condition(() => run.desk.resumes > resumes, LOOK_AGAIN);
      run.waitsNoMore(place.milestone);
    }
  }
}

/** One for each element of the list that the stage names; without one, a single one that is called like the stage. */
function plannedIn(run: Run, name: string, stage: Stage): Planned[] {
  if (stage.forEach === undefined) return [{ id: name, title: run.subject.title, dependencies: [] }];
  const found = run.fact(stage.forEach);
  if (!Array.isArray(found))
    throw ApplicationFailure.nonRetryable(`there is no list at ${stage.forEach}`, 'InvalidDefinition');
  return found as Planned[];
}

function planned(run: Run, { id, title, dependencies }: Planned): void {
  const workflowId = milestoneWorkflowId({ project: run.subject.place.project, milestone: id });
  run.milestones.set(id, { id, title, dependencies, workflowId, state: 'planned', usage: noUsage });
}

function conclude(run: Run, results: Record<string, MilestoneResult>, id: string, result: MilestoneResult): void {
  results[id] = result;
  show(run, id, { state: result.outcome, reason: outcomeWords(result) });
}

type Change = { state: MilestoneResult['outcome'] | 'running'; runId?: string; reason?: string };

function show(run: Run, id: string, change: Change): void {
  const { waitingFor: _, ...before } = run.milestones.get(id)!;
  run.milestones.set(id, { ...before, ...change });
}

function summed(name: string, plan: readonly Planned[], results: Readonly<Record<string, MilestoneResult>>): Handoff {
  const merged = plan.filter(({ id }) => results[id]!.outcome === 'merged');
  const facts = {
    merged: merged.length,
    planned: plan.length,
    results: plan.map(({ id }) => ({ id, ...results[id]! })),
  };
  return {
    status: 'ok',
    confidence: 1,
    summary: summarize(`${name}: ${merged.length} of ${plan.length} milestones merged`),
    facts,
    usage: noUsage,
  };
}

function reasonOf(error: unknown): string {
  if (isCancellation(error)) return 'it was cancelled'; // by somebody on its own: only this milestone is lost
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof Error ? reasonOf(cause) : (error as Error).message;
}
