// What a milestone is about: what its project hands down, or what somebody asked for who started it alone.
import { patched, workflowInfo } from '@temporalio/workflow';
import type { Acceptance } from '../domain/acceptance';
import { accountFor } from '../domain/account';
import type { Definition } from '../domain/definition';
import type { DocketState } from '../domain/docket';
import { NO_ROUND, type Place } from '../domain/names';
import { titleOf, type MilestoneRequest } from '../domain/request';
import type { RunName } from '../domain/signature';
import type { MilestoneBrief } from '../domain/tasks';
import { beginning } from './activities';
import type { Announcement } from './announce';
import { Desk } from './desk';
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
  acceptance?: Acceptance;
  session?: string;
  signed?: true;
  /** Signatures that the project has taken: they count no second time. */
  spent?: readonly (readonly [nonce: string, until: number])[];
  budgeted?: boolean;
  /** Whose milestone it is, by the first of its histories. */
  project?: RunName;
};

export function about(opening: Inherited | MilestoneRequest): Announcement {
  const { repository, pipeline } = opening;
  const title = 'request' in opening ? (opening.title ?? titleOf(opening)) : opening.title;
  return { kind: 'milestone', title, repository, pipeline };
}

/** What a project has settled for its milestones is known at once. */
export function deskOf(opening: Inherited | MilestoneRequest, before?: DocketState): Desk {
  const { approvers } = opening;
  if (!('definition' in opening)) return new Desk(approvers, undefined, accountFor(opening), 'unknown', before).open();
  const desk = new Desk(approvers, undefined, undefined, opening.signed ? 'signed' : 'unsigned', before);
  desk.project = opening.project ?? workflowInfo().parent;
  if (before === undefined) desk.paused = opening.paused;
  desk.open();
  // A run that began before there was this forgot what it heard in here.
  const isNews = before === undefined && desk.paused !== opening.paused;
  if (isNews && !patched('hears-the-first-word')) desk.paused = opening.paused;
  desk.spend(opening.spent ?? []);
  return desk;
}

export const subjectOf = (opening: Inherited | MilestoneRequest, runId: string): Promise<Subject> =>
  'definition' in opening ? openInherited(opening) : openAlone(opening, runId);

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

async function openAlone(request: MilestoneRequest, runId: string): Promise<Subject> {
  const place = placeOf(workflowInfo().workflowId);
  const opened = await beginning.openMilestone({ place, runId, at: now(), request });
  const { branch, definition, milestone, head, session, signed } = opened;
  const { repository, approvers, acceptance } = request;
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
    ...(acceptance !== undefined && { acceptance: { tree: acceptance, whole: true } }),
    ...(session !== undefined && { session }),
    ...(signed && { signed }),
  };
}
