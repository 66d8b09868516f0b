// The final report as text for a terminal.
import type { FinalReport } from '../../src/domain/artifacts/final-report';
import type { Status } from '../../src/domain/status';
import { between, cost, duration } from './amounts';
import { wrap } from './columns';
import { oneLine } from './safe-text';

const WIDEST_COLUMNS = 100;

type Result = FinalReport['results'][number];

export function reportLines(status: Status, report: FinalReport, screenWidth: number): string[] {
  const width = Math.min(WIDEST_COLUMNS, screenWidth);
  const { state, reason, usage, startedAt, endedAt } = status;
  const time = duration(between(startedAt, endedAt ?? new Date()));
  const facts = [`${report.summary}; ${state}`, time, `${cost(usage.costUsd) || '$0'} in ${usage.calls} model calls`];
  return [
    ...wrap(oneLine(status.title), width),
    ...wrap(oneLine(facts.join(', ')), width),
    ...(reason === undefined ? [] : wrap(oneLine(reason), width)),
    ...report.results.flatMap((result) => ['', ...resultLines(result)]),
    ...list('Deliverables', report.deliverables, width),
    ...list('Risks', report.risks, width),
    ...list('Technical debt', report.technical_debt, width),
    ...list('Next iteration', report.next_iteration, width),
  ];
}

function resultLines(result: Result): string[] {
  const { milestone, title, outcome, commit, tests, coverage, review, score, approved_by, iterations, cost_usd } =
    result;
  const facts: [string, string | undefined][] = [
    ['outcome', commit === null ? outcome : `${outcome} as ${commit}`],
    ['approved by', approved_by ?? undefined],
    ['tests', coverage === null ? tests : `${tests}, ${coverage.toFixed(1)} % of lines covered`],
    ['review', review === null ? undefined : `${review} of 1`],
    ['evaluation', score === null ? undefined : `${score} of 5`],
    ['rounds', `${iterations}${cost_usd === 0 ? '' : `, ${cost(cost_usd)}`}`],
  ];
  return [
    oneLine(`${milestone}: ${title}`),
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)} ${oneLine(value)}`])),
  ];
}

function list(title: string, items: readonly string[], width: number): string[] {
  if (items.length === 0) return [];
  return ['', title, ...items.flatMap((item) => hanging(wrap(oneLine(item), width - 4)))];
}

const hanging = (lines: readonly string[]) => lines.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`);
