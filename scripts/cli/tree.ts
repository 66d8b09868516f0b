// The tree of a run: the project's stages, the milestones, their stages, and what each waits for. Statuses in, lines out.
import type { MilestoneStatus, Status } from '../../src/domain/status';
import { addUsage } from '../../src/domain/usage';
import { stageBranch } from './stage-branch';
import { elapsedAndCost, notesOf, stateMark } from './run-notes';
import type { Retry } from './retries';
import { drawBranches, type Branch, type Row } from './branches';
import { oneLine } from './safe-text';

export type TreeOptions = {
  width: number;
  now: Date;
  color: boolean;
  /** Folds what has ended, then what is done, until it fits on so many lines. */
  rows?: number;
  retries?: readonly Retry[];
};

/** `project` may be a milestone as well, and then stands alone. Milestones that gave no account of their own get one line. */
export function drawTree(project: Status, milestones: readonly Status[], options: TreeOptions): string[] {
  const { rows = Infinity } = options;
  for (const fold of [nothing, ended, allButUnderWay]) {
    const lines = drawBranches([runBranch(project, milestones, options, fold)], options);
    if (lines.length <= rows) return lines;
    if (fold === allButUnderWay) return [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
  }
  return [];
}

/** What is left out for want of room: a milestone's stages, or single stages. */
type Fold = { milestone(state: string): boolean; stage(state: string): boolean };

const running = (state: string) => state === 'running' || state === 'waiting';
const nothing: Fold = { milestone: () => false, stage: () => false };
const ended: Fold = { milestone: (state) => !running(state), stage: () => false };
const allButUnderWay: Fold = { milestone: ended.milestone, stage: (state) => state !== 'running' };

function runBranch(project: Status, milestones: readonly Status[], options: TreeOptions, fold: Fold): Branch {
  const branches = project.milestones.map((milestone) => {
    const own = milestones.find(({ id }) => id === milestone.workflowId);
    return own === undefined ? briefBranch(milestone) : milestoneBranch(milestone, own, options, fold);
  });
  const [first] = project.stages.filter(({ kind }) => kind === 'pipeline');
  const stages = project.stages.map((stage) => {
    const branch = stageBranch(stage, project, options.now);
    return stage === first ? { ...branch, below: branches } : branch;
  });
  const below = [...notesOf(project, options), ...stages, ...(first === undefined ? branches : [])];
  return { row: titleRow(withCostsOf(project, milestones), project.id, options), below };
}

/** A project hears what a milestone has cost only now and then; here the milestones themselves were asked. */
function withCostsOf(project: Status, milestones: readonly Status[]): Status {
  if (project.kind === 'milestone' || milestones.length === 0) return project;
  const usage = addUsage(...[...project.stages, ...milestones].map((part) => part.usage));
  return usage.costUsd > project.usage.costUsd ? { ...project, usage } : project;
}

function milestoneBranch(milestone: MilestoneStatus, own: Status, options: TreeOptions, fold: Fold): Branch {
  const stages = fold.milestone(own.state) ? [] : own.stages.filter(({ state }) => !fold.stage(state));
  return {
    row: titleRow(own, milestone.id, options, milestone.reason),
    below: [...notesOf(own, options), ...stages.map((stage) => stageBranch(stage, own, options.now))],
  };
}

function titleRow(status: Status, name: string, { now }: TreeOptions, outcome?: string): Row {
  const { state, reason, title } = status;
  const ending = outcome ?? withReason(state, reason);
  const words = running(state) ? title : `${ending} · ${title}`;
  return { ...stateMark(state), name: oneLine(name), text: oneLine(words), right: elapsedAndCost(status, now) };
}

const withReason = (state: string, reason = state) => (reason.startsWith(state) ? reason : `${state}: ${reason}`);

/** Not begun yet, or not to be asked: as the project has it. */
function briefBranch({ id, state, title, reason, dependencies }: MilestoneStatus): Branch {
  const needs = state === 'planned' && dependencies.length > 0 ? ` (needs ${dependencies.join(', ')})` : '';
  const words = reason ?? (state === 'planned' ? `${title}${needs}` : `${state} · ${title}`);
  return { row: { ...stateMark(state), name: oneLine(id), text: oneLine(words), right: '' }, below: [] };
}
