// Brings the board in the ledger up to date. It shows, and nothing depends on it: without it the run goes on.
import { isCancellation, log } from '@temporalio/workflow';
import { boardMarkdown } from '../domain/board';
import { ledger } from './activities';
import type { Run } from './run';

export async function postBoard(run: Run, { stage, iteration }: { stage: string; iteration: number }): Promise<void> {
  const { pipeline } = run.subject;
  if (pipeline.board === undefined) return;
  const { board } = run;
  const notes = boardMarkdown(board, pipeline, run.state);
  await ledger.postBoard({ ...run.task(stage, iteration, 'board'), board, notes }).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    log.error('the board could not be brought up to date', { error });
  });
}
