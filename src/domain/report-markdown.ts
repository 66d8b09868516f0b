// The final report as a page.
import { dimensions } from './artifacts/evaluation';
import type { FinalReport } from './artifacts/final-report';
import { inert, verbatim } from './markdown';
import type { Status } from './status';

type Cell = string | number | null;

export function reportMarkdown(status: Status, report: FinalReport): string {
  const { state, reason, usage } = status;
  return [
    `# ${inert(status.title)}`,
    `${report.summary}. ${state}${reason ? `: ${inert(reason)}` : ''}. Cost $${usage.costUsd.toFixed(4)} in ${usage.calls} model calls.`,
    ...prototype(report),
    '## Results',
    results(report),
    ...evaluations(report),
    list('Deliverables', report.deliverables),
    list('Risks', report.risks),
    list('Technical debt', report.technical_debt),
    list('Roadmap of the next iteration', report.next_iteration),
    '',
  ].join('\n\n');
}

function prototype({ prototype: found }: FinalReport): string[] {
  if (found === null) return [];
  const { branch, commit, repository, look } = found;
  const at = commit === null ? '' : ` at ${commit}`;
  return [
    '## Prototype',
    `${verbatim(branch)}${at} of ${verbatim(repository)}`,
    look.map((way) => `- ${verbatim(way)}`).join('\n'),
  ];
}

function results({ results: all }: FinalReport): string {
  const rows = all.map((result): Cell[] => [
    ...[result.milestone, result.title, result.outcome, result.commit, result.tests, percent(result.coverage)],
    ...[result.review, result.score, result.approved_by, result.iterations, `$${result.cost_usd.toFixed(4)}`],
  ]);
  const columns = 'milestone, title, outcome, merge, tests, coverage, review, score, approved by, rounds, cost';
  return table(columns.split(', '), rows);
}

/** What was delivered and what was tried before, score by score. */
function evaluations({ results: all }: FinalReport): string[] {
  const rows = all.flatMap(({ milestone, attempts }) =>
    attempts.map(({ iteration, score, breakdown, summary, feedback }): Cell[] => [
      ...[milestone, iteration, score],
      ...dimensions.map((name) => breakdown[name]),
      ...[summary, feedback],
    ]),
  );
  if (rows.length === 0) return [];
  const scores = dimensions.map((name) => name.replaceAll('_', ' '));
  return ['## Evaluations', table(['milestone', 'attempt', 'score', ...scores, 'what came of it', 'feedback'], rows)];
}

const percent = (value: number | null) => (value === null ? '' : `${value.toFixed(1)} %`);

function table(columns: readonly string[], rows: readonly Cell[][]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map((cell) => inert(`${cell ?? ''}`)).join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join('\n');
}

const list = (title: string, entries: readonly string[]) => `## ${title}\n\n${items(entries)}`;

const items = (entries: readonly string[]) => entries.map((entry) => `- ${inert(entry)}`).join('\n') || '—';
