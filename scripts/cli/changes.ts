// A run followed where nothing can be redrawn, in a log or a pipe: one line whenever something has changed.
import type { StageStatus, Status } from '../../src/domain/status';
import { cost } from './amounts';
import { oneLine } from './safe-text';

/** What can change, by name, without anything that changes by itself, as time does. */
export type Standing = ReadonlyMap<string, string>;

export function standingOf(project: Status, milestones: readonly Status[]): Standing {
  const planned = project.milestones
    .filter(({ workflowId }) => !milestones.some(({ id }) => id === workflowId))
    .map(({ workflowId, state, reason }): [string, string] => [workflowId, oneLine(reason ?? state)]);
  return new Map([...[project, ...milestones].flatMap(standing), ...planned]);
}

/** New or different since then, in the order in which they stand. */
export const changedLines = (before: Standing, after: Standing): string[] =>
  [...after]
    .filter(([name, words]) => before.get(name) !== words)
    .map(([name, words]) => (words === '' ? name : `${name}: ${words}`));

function standing(run: Status): [string, string][] {
  const { id, state, reason, waitingFor, stages, decisions } = run;
  const waits = waitingFor && `waits for ${waitingFor.for}: ${waitingFor.detail} ${waitingFor.subject ?? ''}`;
  const refused = decisions.recent.filter(({ accepted }) => !accepted);
  return [
    [id, oneLine(waits ?? `${state}${reason === undefined ? '' : `: ${reason}`}`)],
    ...stages.filter(({ iteration, state }) => iteration > 0 || state === 'skipped').map((stage) => ofStage(id, stage)),
    ...refused.map(({ at, kind, by, reason }): [string, string] => [
      `${id} ${kind} at ${at}`,
      oneLine(`by ${by}, refused: ${reason}`),
    ]),
  ];
}

function ofStage(id: string, { name, state, iteration, summary, usage }: StageStatus): [string, string] {
  const round = iteration > 1 ? `, round ${iteration}` : '';
  const words = state === 'waiting' ? 'to be done again' : state;
  const result = summary === '' || state === 'running' ? '' : ` · ${summary}`;
  const money = state === 'done' && usage.costUsd > 0 ? ` (${cost(usage.costUsd)})` : '';
  return [`${id} ${oneLine(name)}`, oneLine(`${words}${round}${result}${money}`)];
}
