// The whole story: a request is understood and planned, its milestones are delivered, and a report says what came of it.
import { isCancellation, log, setHandler, workflowInfo } from '@temporalio/workflow';
import { accountFor } from '../domain/account';
import { parseInput } from '../domain/failures';
import type { Ending } from '../domain/engine';
import { NO_ROUND } from '../domain/names';
import { ProjectRequest, titleOf } from '../domain/request';
import type { MilestoneStatus } from '../domain/status';
import { beginning, ledger } from './activities';
import { Opening } from './announce';
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

export async function deliverProject(input: unknown): Promise<ProjectResult> {
  const request = parseInput(ProjectRequest, readable(input), 'request');
  const { workflowId, runId } = workflowInfo();
  const place = projectPlaceOf(workflowId);
  const milestones: Run['milestones'] = new Map();
  const desk = new Desk(request.approvers, forwardTo(milestones, request.approvers), accountFor(request), 'unknown');

  const { repository, pipeline } = request;
  const opening = new Opening({ kind: 'project', title: titleOf(request), repository, pipeline }, desk);
  const open = await opened(opening, () => beginning.openProject({ place, runId, at: now(), request }));
  if ('outcome' in open) return { ...open, milestones: [] };
  const run = new Run(projectSubject(request, place, open), desk, milestones);
  setHandler(milestoneReport, (report) => run.heard(readable(report)));

  const end = await runPipeline(run);
  if (end.how !== 'complete') run.leaveMilestones(end.reason);
  const result = end.how === 'complete' ? { outcome: end.how } : { outcome: end.how, reason: end.reason };
  const status = run.status(result);
  const report = await ledger.writeReport({ ...run.task('report', NO_ROUND), status }).catch(unlessCancelled);
  run.finish(result);
  const delivered = run
    .status()
    .milestones.map(({ id, title, state, reason }) => ({ id, title, state, ...(reason && { reason }) }));
  return { ...result, milestones: delivered, ...(report && { report }) };
}

// What was merged is merged: a report that cannot be written fails nothing.
function unlessCancelled(error: unknown): undefined {
  if (isCancellation(error)) throw error;
  log.error('the report could not be written', { error });
}
