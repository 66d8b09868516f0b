// Brings the board in the ledger up to date. It shows, and nothing depends on it: the run goes on meanwhile, and without it.
import { isCancellation, log } from '@temporalio/workflow';
import { boardMarkdown } from '../domain/board';
import { ledger } from './activities';
import type { Run } from './run';

export function postBoard(run: Run, { stage, iteration }: { stage: string; iteration: number }): void {
  const { pipeline } = run.subject;
  if (pipeline.board === undefined) return;
  const task = {
    ...run.task(stage, iteration, 'board'),
    board: run.board,
    notes: boardMarkdown(run.board, pipeline, run.state),
  };
  // One after the other: the last to arrive is the one that stands.
  run.posting += 1;
  run.posted = run.posted
    .then(() => ledger.postBoard(task))
    .catch((error: unknown) => {
      if (!isCancellation(error)) log.error('the board could not be brought up to date', { error });
    })
    .finally(() => (run.posting -= 1));
}
