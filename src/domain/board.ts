// The board: the shared state of a run in a few lines, brought up to date at every handoff. A person reads it, and so does a run
// that begins again.
import type { EngineState } from './engine';
import type { Handoff } from './handoff';
import { inert } from './markdown';
import type { Place } from './names';
import { stageNames, type Pipeline } from './pipeline';

export type Board = {
  task_id: string;
  /** By field, one line and where the whole of it is in the ledger. */
  fields: { readonly [field: string]: { summary: string; artifact?: string } };
  status?: string;
  /** The last handoff, in one line. */
  last?: string;
};

export function emptyBoard({ project, milestone }: Place, pipeline: Pipeline): Board {
  const fields = Object.fromEntries((pipeline.board ?? []).map((field) => [field, { summary: '' }]));
  return { task_id: `${project}/${milestone}`, fields };
}

export function handOver(board: Board, pipeline: Pipeline, stage: string, handoff: Handoff): Board {
  const entry = pipeline.stages[stage]!.board;
  const { summary, artifact } = handoff;
  const filled = (entry?.fills ?? []).map(
    (field) => [field, { summary, ...(artifact && { artifact: artifact.path.replace(/\.json$/, '.md') }) }] as const,
  );
  const status = entry?.[handoff.status] ?? board.status;
  return {
    ...board,
    fields: { ...board.fields, ...Object.fromEntries(filled) },
    ...(status !== undefined && { status }),
    last: `${stage}: ${summary}`,
  };
}

/** The notes of a run: its board, and what is done and what is pending. */
export function boardMarkdown(board: Board, pipeline: Pipeline, state: EngineState): string {
  const fields = Object.entries(board.fields).map(
    ([name, { summary, artifact }]) => `| ${name} | ${inert(summary)} | ${artifact ?? ''} |`,
  );
  const stages = stageNames(pipeline).map((name) => {
    const { status, iteration, handoff, verdict } = state.stages[name]!;
    const said = (handoff ?? verdict)?.summary ?? '';
    return `| ${name} | ${status === 'waiting' ? 'pending' : status} | ${iteration} | ${inert(said)} |`;
  });
  return [
    ...[`# ${board.task_id}`, '', `Status: ${board.status ?? '—'}. Last: ${inert(board.last ?? '—')}`, ''],
    ...(fields.length === 0 ? [] : ['| field | in brief | in the ledger |', '|---|---|---|', ...fields, '']),
    ...['| stage | state | round | what came of it |', '|---|---|---|---|', ...stages, ''],
  ].join('\n');
}
