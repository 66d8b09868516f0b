// One milestone: its pipeline is run until the candidate is merged, or a person says that it will not be.
import { workflowInfo } from '@temporalio/workflow';
import type { Definition } from '../domain/definition';
import type { Ending } from '../domain/engine';
import { parseInput } from '../domain/failures';
import type { Place } from '../domain/names';
import { MilestoneRequest } from '../domain/request';
import type { MilestoneResult } from '../domain/schedule';
import type { MilestoneBrief } from '../domain/tasks';
import { beginning } from './activities';
import { Opening, type Announcement } from './announce';
import { Desk } from './desk';
import { opened } from './opening';
import { placeOf } from './place';
import { now, Run, type Subject } from './run';
import { runPipeline } from './run-pipeline';

/** What a milestone gets from its project. */
export type Inherited = {
  place: Place;
  title: string;
  repository: string;
  branch: string;
  definition: Definition;
  pipeline: string;
  approvers: readonly string[];
  paused: boolean;
  milestone: MilestoneBrief;
};

/** From the command line with a request alone; from a project with what it inherits. */
export async function deliverMilestone(input: unknown, inherited?: Inherited): Promise<MilestoneResult> {
  const handedDown = workflowInfo().parent === undefined ? undefined : inherited;
  const opening = handedDown ?? parseInput(MilestoneRequest, input, 'request');
  const desk = new Desk(opening.approvers);
  desk.paused = 'paused' in opening && opening.paused;
  const subject = await opened(new Opening(about(opening), desk), () =>
    'definition' in opening ? openInherited(opening) : openAlone(opening),
  );
  if ('outcome' in subject) return subject;
  const run = new Run(subject, desk);

  const end = await runPipeline(run);
  const result = resultOf(run, end);
  run.finish(result);
  return result;
}

function about(opening: Inherited | MilestoneRequest): Announcement {
  const { repository, pipeline } = opening;
  const title = 'request' in opening ? (opening.title ?? opening.request.split('\n')[0]!.slice(0, 120)) : opening.title;
  return { kind: 'milestone', title, repository, pipeline };
}

async function openInherited(inherited: Inherited): Promise<Subject> {
  const { repository, branch, definition, milestone } = inherited;
  const base = await beginning.headOf({ repository, branch });
  const pipeline = definition.pipelines[inherited.pipeline]!;
  return {
    ...inherited,
    base,
    pipeline,
    limits: { maxParallel: 1, maxWaiting: 1 },
    known: { milestone: { id: milestone.id, title: milestone.title } },
  };
}

async function openAlone(request: MilestoneRequest): Promise<Subject> {
  const place = placeOf(workflowInfo().workflowId);
  const opened = await beginning.openMilestone({ place, runId: workflowInfo().runId, at: now(), request });
  const { branch, definition, milestone, head } = opened;
  const { repository, approvers } = request;
  return {
    place,
    title: milestone.title,
    repository,
    branch,
    base: head,
    definition,
    pipeline: definition.pipelines[definition.top]!,
    approvers,
    limits: { maxParallel: 1, maxWaiting: 1 },
    known: { milestone: { id: milestone.id, title: milestone.title } },
    milestone,
  };
}

function resultOf(run: Run, end: Ending): MilestoneResult {
  if (end.how !== 'complete') return { outcome: end.how, reason: end.reason };
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
