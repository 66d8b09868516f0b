// Statuses to draw and to choose from: a project with milestones, as their workflows would give them.
import type { MilestoneStatus, StageStatus, Status, Waiting } from '../../../src/domain/status';
import { noUsage } from '../../../src/domain/usage';

export const NOW = new Date('2030-01-01T12:10:00Z');
export const CANDIDATE = '6f7c73c58ba02fba47ab0baf4299e11ae05a69b5';
const STARTED = '2030-01-01T12:00:00.000Z';

export const stage = (name: string, about: Partial<StageStatus> = {}): StageStatus => ({
  ...{ name, kind: 'agent', state: 'waiting', iteration: 0, summary: '', facts: {}, usage: noUsage },
  ...about,
});

export const done = (name: string, summary: string, about: Partial<StageStatus> = {}): StageStatus =>
  stage(name, {
    ...{ state: 'done', iteration: 1, summary, startedAt: STARTED, endedAt: '2030-01-01T12:00:05.000Z' },
    usage: { ...noUsage, costUsd: 0.0123 },
    ...about,
  });

export const running = (name: string, about: Partial<StageStatus> = {}): StageStatus =>
  stage(name, { state: 'running', iteration: 1, startedAt: '2030-01-01T12:06:40.000Z', ...about });

export const status = (id: string, about: Partial<Status> = {}): Status => ({
  ...{
    id,
    runId: 'run-1',
    kind: id.includes('/') ? 'milestone' : 'project',
    title: `The title of ${id}`,
    pipeline: 'milestone',
  },
  ...{ repository: '/srv/api.git', branch: 'main', base: '0'.repeat(40), state: 'running', stages: [], milestones: [] },
  ...{ usage: noUsage, startedAt: STARTED, decisions: { accepted: 0, refused: 0, recent: [] } },
  ...about,
});

export const milestone = (id: string, about: Partial<MilestoneStatus> = {}): MilestoneStatus => ({
  ...{ id, title: `Milestone ${id}`, dependencies: [], workflowId: `shop/${id}`, state: 'planned' },
  ...about,
});

export const waits = (about: Partial<Waiting> = {}): Waiting => ({
  ...{ for: 'approval', since: '2030-01-01T12:07:00.000Z', detail: 'the candidate 6f7c73c58b', subject: CANDIDATE },
  ...about,
});
