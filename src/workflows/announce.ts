// What a run shows before it knows its repository and its pipeline: a query is answered from the first moment.
import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { statusMarkdown, type Status } from '../domain/status';
import { noUsage } from '../domain/usage';
import type { Desk } from './desk';
import { status } from './messages';

export type Announcement = Pick<Status, 'kind' | 'title' | 'repository' | 'pipeline'>;

export function announce(about: Announcement, desk: Desk): void {
  const { workflowId, runId, startTime } = workflowInfo();
  const opening = (): Status => ({
    ...about,
    id: workflowId,
    runId,
    branch: '',
    state: 'running',
    stages: [],
    milestones: [],
    usage: noUsage,
    startedAt: startTime.toISOString(),
    decisions: { accepted: desk.accepted, refused: desk.refused, recent: desk.records.slice(-10) },
  });
  setHandler(status, opening);
  setCurrentDetails(`${statusMarkdown(opening())}\n\nOpening ${about.repository.replace(/[`<>]/g, ' ')} …`);
}
