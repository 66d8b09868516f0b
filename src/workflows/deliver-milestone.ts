// One milestone: its pipeline is run until the candidate is merged, or a person says that it will not be.
import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { parseInput } from '../domain/failures';
import { resultOf } from '../domain/milestone-result';
import { MilestoneRequest } from '../domain/request';
import type { MilestoneResult } from '../domain/schedule';
import { Opening } from './announce';
import { keptOf, takenUp, type Kept } from './continuing';
import { about, deskOf, subjectOf, type Inherited } from './milestone-subject';
import { opened } from './opening';
import { readable } from './readable';
import { Run } from './run';
import { runPipeline } from './run-pipeline';

/** From the command line with a request alone; from a project with what it inherits. */
export async function deliverMilestone(
  input: unknown,
  inherited?: Inherited,
  ...given: Kept
): Promise<MilestoneResult> {
  const handedDown = workflowInfo().parent === undefined ? undefined : readable(inherited);
  const opening = handedDown ?? parseInput(MilestoneRequest, readable(input), 'request');
  const kept = takenUp(given);
  const desk = deskOf(opening, kept.decided);
  const goOn = continueAsNew<typeof deliverMilestone>;
  const begin = () => subjectOf(opening, kept.runId);
  const subject =
    kept.subject ??
    (await opened(new Opening(about(opening), desk, kept.runId), begin, (was) => goOn(input, inherited, was)));
  if ('outcome' in subject) return subject;
  const run = new Run(subject, desk, kept);

  const end = await runPipeline(run);
  if (end === undefined) return goOn(input, inherited, ...keptOf(run));
  const result = resultOf(run.state, end);
  run.finish(result);
  await run.lastWord();
  return result;
}
