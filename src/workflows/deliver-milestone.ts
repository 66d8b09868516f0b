// One milestone: its pipeline is run until the candidate is merged, or a person says that it will not be.
import { workflowInfo } from '@temporalio/workflow';
import { evaluated } from '../domain/attempts';
import type { Ending } from '../domain/engine';
import { parseInput } from '../domain/failures';
import { MilestoneRequest } from '../domain/request';
import type { MilestoneResult } from '../domain/schedule';
import { Opening } from './announce';
import { about, deskOf, subjectOf, type Inherited } from './milestone-subject';
import { opened } from './opening';
import { readable } from './readable';
import { Run } from './run';
import { runPipeline } from './run-pipeline';

/** From the command line with a request alone; from a project with what it inherits. */
export async function deliverMilestone(input: unknown, inherited?: Inherited): Promise<MilestoneResult> {
  const handedDown = workflowInfo().parent === undefined ? undefined : readable(inherited);
  const opening = handedDown ?? parseInput(MilestoneRequest, readable(input), 'request');
  const desk = deskOf(opening);
  const subject = await opened(new Opening(about(opening), desk), () => subjectOf(opening));
  if ('outcome' in subject) return subject;
  const run = new Run(subject, desk);

  const end = await runPipeline(run);
  const result = { ...resultOf(run, end), ...evaluated(run.state) };
  run.finish(result);
  return result;
}

function resultOf(run: Run, end: Ending): MilestoneResult {
  if (end.how !== 'complete') return { outcome: end.how, reason: end.reason, ...(end.cause && { cause: end.cause }) };
  const stages = Object.values(run.state.stages);
  const merged = stages.find(({ handoff }) => typeof handoff?.facts.commit === 'string')?.handoff?.facts;
  if (merged === undefined) return { outcome: 'complete' };
  const approval = stages.find(({ handoff }) => handoff?.facts.subject === merged.candidate)?.handoff?.facts;
  return {
    outcome: 'merged',
    commit: merged.commit as string,
    candidate: merged.candidate as string,
    approvedBy: approval?.by as string,
  };
}
