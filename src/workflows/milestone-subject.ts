// What a milestone is about: what its project hands down, or what somebody asked for who started it alone.
import { workflowInfo } from '@temporalio/workflow';
import type { Definition } from '../domain/definition';
import { NO_ROUND, type Place } from '../domain/names';
import { titleOf, type MilestoneRequest } from '../domain/request';
import type { MilestoneBrief } from '../domain/tasks';
import { beginning } from './activities';
import type { Announcement } from './announce';
import { placeOf } from './place';
import { now, type Subject } from './run';

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
  session?: string;
  budgeted?: boolean;
};

export function about(opening: Inherited | MilestoneRequest): Announcement {
  const { repository, pipeline } = opening;
  const title = 'request' in opening ? (opening.title ?? titleOf(opening)) : opening.title;
  return { kind: 'milestone', title, repository, pipeline };
}

export const subjectOf = (opening: Inherited | MilestoneRequest): Promise<Subject> =>
  'definition' in opening ? openInherited(opening) : openAlone(opening);

async function openInherited(inherited: Inherited): Promise<Subject> {
  const { definition, milestone } = inherited;
  const base = await baseOf(inherited);
  const pipeline = definition.pipelines[inherited.pipeline]!;
  return {
    ...inherited,
    base,
    pipeline,
    limits: { maxParallel: 1, maxWaiting: 1 },
    known: { milestone: { id: milestone.id, title: milestone.title } },
  };
}

function baseOf({ place, session, repository, branch }: Inherited): Promise<string> {
  if (session === undefined) return beginning.headOf({ repository, branch });
  const key = { ...place, runId: session, stage: 'begin', iteration: NO_ROUND };
  return beginning.beginAgain({ repository, branch, key, at: now() });
}

async function openAlone(request: MilestoneRequest): Promise<Subject> {
  const place = placeOf(workflowInfo().workflowId);
  const opened = await beginning.openMilestone({ place, runId: workflowInfo().runId, at: now(), request });
  const { branch, definition, milestone, head, session } = opened;
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
    ...(session !== undefined && { session }),
  };
}
