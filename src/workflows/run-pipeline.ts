// Drives a pipeline to its end: starts what is ready, settles what comes back, and lets a person decide where it is stuck.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { handOver } from '../domain/board';
import { abandon, ending, guide, ready, settle, skip, skipUnneeded, start, type Ending } from '../domain/engine';
import type { Handoff } from '../domain/handoff';
import { postBoard } from './board';
import type { Order } from '../domain/docket';
import { isLong, mayGoOn } from './continuing';
import { CANCELLED, type Run } from './run';
import { confidenceDemanded, perform } from './stages';
import { unexpected } from './unexpected';

type Result = { stage: string; iteration: number; handoff: Handoff };
type Underway = { iteration: number; scope: CancellationScope };

/** Without an ending it goes on in a new history. */
export async function runPipeline(run: Run): Promise<Ending | undefined> {
  const { pipeline, known } = run.subject;
  const arrived: Result[] = [];
  const underway = new Map<string, Underway>();
  try {
    run.atWork.forEach((stage) => launch(run, stage, underway, arrived));
    for (;;) {
      run.state = skipUnneeded(pipeline, run.state, known);
      cancelVoided(run, underway);
      const end = ending(run.state);
      if (end !== undefined) {
        for (const { scope } of underway.values()) scope.cancel();
        await settled(run);
        await run.posted;
        return end;
      }
      if (!run.desk.paused && !isLong())
        for (const stage of ready(pipeline, run.state)) {
          run.state = start(run.state, stage);
          run.started(stage);
          launch(run, stage, underway, arrived);
        }
      run.desk.escalated = run.state.escalations.length > 0;
      run.show();

      const { paused } = run.desk;
      const ordered = () => run.desk.hasOrder && !run.desk.merging;
      const longEnough = () => arrived.length === 0 && mayGoOn(run, underway.keys());
      await condition(() => arrived.length > 0 || ordered() || run.desk.paused !== paused || longEnough());
      if (longEnough()) return undefined;
      for (const result of arrived.splice(0)) settleResult(run, result, underway);
      while (ordered()) obey(run, run.desk.nextOrder()!);
    }
  } catch (error) {
    if (!isCancellation(error)) {
      for (const { scope } of underway.values()) scope.cancel(); // or its milestones would outlive it
      throw error;
    }
    await settled(run);
    for (const result of arrived.splice(0)) settleResult(run, result, underway);
    const end = ending(run.state);
    if (end !== undefined) return end; // merged before the cancellation could reach it
    run.finish({ outcome: 'abandoned', reason: CANCELLED });
    await run.lastWord();
    throw error;
  }
}

/** Once it is known what became of all that cannot be taken back. */
const settled = (run: Run) => CancellationScope.nonCancellable(() => condition(() => !run.committed));

function launch(run: Run, stage: string, underway: Map<string, Underway>, arrived: Result[]): void {
  const { iteration } = run.state.stages[stage]!;
  const scope = new CancellationScope();
  underway.set(stage, { iteration, scope });
  const arrive = (handoff: Handoff) => void arrived.push({ stage, iteration, handoff });
  scope
    .run(() => perform(run, stage, iteration))
    .then(arrive, (error: unknown) => {
      // Cancelled: either voided by rework, or the whole run is, and then `condition` throws as well.
      if (!isCancellation(error)) arrive(unexpected(error));
    });
}

function settleResult(run: Run, { stage, iteration, handoff }: Result, underway: Map<string, Underway>): void {
  const confidence = confidenceDemanded(run, stage);
  const { pipeline, known } = run.subject;
  run.state = settle(pipeline, run.state, { stage, iteration, handoff, confidence, known });
  run.board = handOver(run.board, pipeline, stage, handoff);
  postBoard(run, { stage, iteration });
  if (underway.get(stage)?.iteration === iteration) underway.delete(stage);
  run.ended(stage, handoff.usage);
}

function cancelVoided(run: Run, underway: Map<string, Underway>): void {
  for (const [stage, { iteration, scope }] of underway) {
    const current = run.state.stages[stage]!;
    if (current.status === 'running' && current.iteration === iteration) continue;
    scope.cancel();
    underway.delete(stage);
    run.waitsNoMore(stage);
  }
}

function obey(run: Run, { kind, by, note }: Order): void {
  switch (kind) {
    case 'guide':
      run.state = guide(run.subject.pipeline, run.state, by, note);
      return;
    case 'skip':
      run.state = skip(run.subject.pipeline, run.state, by, note);
      return;
    case 'abandon':
      run.state = abandon(run.state, by, note);
  }
}
