// A workflow's id says which project, and which milestone, it is.
import { parseInput } from '../domain/failures';
import { LONE_MILESTONE, PROJECT_LEDGER, Slug, type Place } from '../domain/names';

const MilestoneId = Slug.refine((id) => id !== PROJECT_LEDGER, `"${PROJECT_LEDGER}" cannot be the id of a milestone`);

export function placeOf(workflowId: string): Place {
  const [project, ...rest] = workflowId.split('/');
  const what = `the workflow id "${workflowId}"`;
  return {
    project: parseInput(Slug, project, what),
    milestone: parseInput(MilestoneId, rest.length > 0 ? rest.join('/') : LONE_MILESTONE, what),
  };
}

export function projectPlaceOf(workflowId: string): Place {
  return { project: parseInput(Slug, workflowId, `the project's id "${workflowId}"`), milestone: PROJECT_LEDGER };
}
