// Beside the wait for an approval: the candidate as a pull request, where there is a forge. Nothing depends on it.
import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Proposal } from '../activities/ports';
import { summarize } from '../domain/handoff';
import { proposals } from './activities';
import type { Run } from './run';
import { rootCause } from './unexpected';

/** Tells what became of it, until it is cancelled. */
export function openPullRequest(run: Run, tell: (words: string) => void): CancellationScope {
  const { place, repository, branch, title } = run.subject;
  const scope = new CancellationScope();
  const task = { place, repository, branch, title, workflowId: workflowInfo().workflowId };
  scope
    .run(() => proposals.openPullRequest(task))
    .then(
      (proposal) => wordsFor(proposal).forEach(tell),
      (error: unknown) => {
        if (!isCancellation(error)) tell(summarize(`no pull request: ${rootCause(error).message}`));
      },
    );
  return scope;
}

function wordsFor(proposal: Proposal): string[] {
  switch (proposal.outcome) {
    case 'none':
      return [];
    case 'open':
      return [`proposed as ${proposal.url}`];
    case 'refused':
      return [summarize(`no pull request, the forge refuses: ${proposal.reason}`)];
  }
}
