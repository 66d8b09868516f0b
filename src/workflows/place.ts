// A workflow's id says which project, and which milestone, it is.
import { parseInput } from '../domain/failures';
import { PROJECT_LEDGER, Slug, type Place } from '../domain/names';

/** The milestone of a run that was started on its own under a plain id. */
const ALONE = 'milestone';

export function placeOf(workflowId: string): Place {
  const [project, milestone = ALONE, ...more] = workflowId.split('/');
  parseInput(Slug, project, `the workflow id "${workflowId}"`);
  parseInput(Slug, more.length > 0 ? more.join('/') : milestone, `the workflow id "${workflowId}"`);
  return { project: project!, milestone };
}

export function projectPlaceOf(workflowId: string): Place {
  return { project: parseInput(Slug, workflowId, `the project's id "${workflowId}"`), milestone: PROJECT_LEDGER };
}
