// What a project is about: what was asked for, and what its opening found.
import type { Place } from '../domain/names';
import { titleOf, type ProjectRequest } from '../domain/request';
import type { Opened } from '../domain/tasks';
import type { Subject } from './run';

export function projectSubject(request: ProjectRequest, place: Place, { head, ...opened }: Opened): Subject {
  const { repository, approvers, maxWaiting, agreePlan, acceptance } = request;
  // One after the other, so that the last one is known, which has to pass all of the acceptance checks.
  const maxParallel = acceptance === undefined ? request.maxParallel : 1;
  const { pipelines, top } = opened.definition;
  return {
    ...opened,
    place,
    title: titleOf(request),
    repository,
    base: head,
    pipeline: pipelines[top]!,
    approvers,
    ...(acceptance !== undefined && { acceptance: { tree: acceptance, whole: true } }),
    limits: { maxParallel, maxWaiting },
    known: { request: { agreePlan, maxParallel } },
  };
}
