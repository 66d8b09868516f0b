// The whole story: a request is understood and planned, its milestones are delivered, and a report says what came of it.
import { continueAsNew, isCancellation, log, patched, setHandler, workflowInfo } from '@temporalio/workflow';
import { accountFor } from '../domain/account';
import { parseInput } from '../domain/failures';
import type { Ending } from '../domain/engine';
import { NO_ROUND } from '../domain/names';
import { ProjectRequest, titleOf } from '../domain/request';
import { withoutFacts, type MilestoneStatus } from '../domain/status';
import { beginning, ledger } from './activities';
import { Opening } from './announce';
import { keptOf, takenUp, type Kept } from './continuing';
import { Desk } from './desk';
import { forwardTo } from './forward';
import { milestoneReport } from './messages';
import { opened } from './opening';
import { projectPlaceOf } from './place';
import { projectSubject } from './project-subject';
import { readable } from './readable';
import { now, Run } from './run';
import { runPipeline } from './run-pipeline';

export type ProjectResult = {
  outcome: Ending['how'];
  reason?: string;
  milestones: Pick<MilestoneStatus, 'id' | 'title' | 'state' | 'reason'>[];
  /** Where the ledger has it; absent where it could not be written. */
  report?: { commit: string; path: string };
};

export async function deliverProject(input: unknown, ...given: Kept): Promise<ProjectResult> {
  const request = parseInput(ProjectRequest, readable(input), 'request');
  const place = projectPlaceOf(workflowInfo().workflowId);
  const kept = takenUp(given);
  const { runId, milestones, decided } = kept;
  const { repository, pipeline, approvers } = request;
  const forward = forwardTo(milestones, approvers);
  const desk = new Desk(approvers, forward, accountFor(request), 'unknown', decided).open();
  const goOn = continueAsNew<typeof deliverProject>;

  const about = { kind: 'project', title: titleOf(request), repository, pipeline } as const;
  const open = () => beginning.openProject({ place, runId, at: now(), request });
  const begin = async () => projectSubject(request, place, await open());
  const subject = kept.subject ?? (await opened(new Opening(about, desk, runId), begin, (was) => goOn(request, was)));
  if ('outcome' in subject) return { ...subject, milestones: [] };
  const run = new Run(subject, desk, kept);
  setHandler(milestoneReport, (report) => run.heard(readable(report)));

  const end = await runPipeline(run);
  if (end === undefined) return goOn(request, ...keptOf(run));
  if (end.how !== 'complete') run.milestones.leave(end.reason);
  const result = end.how === 'complete' ? { outcome: end.how } : { outcome: end.how, reason: end.reason };
  const status = withoutFacts(run.status(result));
  const report = await ledger.writeReport({ ...run.task('report', NO_ROUND), status }).catch(unwritten);
  run.finish(result);
  const delivered = run
    .status()
    .milestones.map(({ id, title, state, reason }) => ({ id, title, state, ...(reason && { reason }) }));
  return { ...result, milestones: delivered, ...(report && { report }) };
}

// What was merged is merged: a report that cannot be written, or that nobody waits for any more, fails nothing.
function unwritten(error: unknown): undefined {
  if (isCancellation(error) && !patched('ends-without-its-report')) throw error;
  log.error('the report could not be written', { error });
}
