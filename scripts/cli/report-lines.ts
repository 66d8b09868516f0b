// The final report as text for a terminal.
import { dimensions } from '../../src/domain/artifacts/evaluation';
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
    ...prototypeLines(report, width),
    ...report.results.flatMap((result) => ['', ...resultLines(result, width)]),
    ...list('Deliverables', report.deliverables, width),
    ...list('Risks', report.risks, width),
    ...list('Technical debt', report.technical_debt, width),
    ...list('Roadmap of the next iteration', report.next_iteration, width),
  ];
}

function prototypeLines({ prototype }: FinalReport, width: number): string[] {
  if (prototype === null) return [];
  const { branch, commit, repository, look } = prototype;
  return list(`Prototype: ${branch}${commit === null ? '' : ` at ${commit}`} of ${repository}`, look, width);
}

function resultLines(result: Result, width: number): string[] {
  const { milestone, title, outcome, commit, tests, coverage, review, approved_by, iterations, cost_usd } = result;
  const facts: [string, string | undefined][] = [
    ['outcome', commit === null ? outcome : `${outcome} as ${commit}`],
    ['approved by', approved_by ?? undefined],
    ['tests', coverage === null ? tests : `${tests}, ${coverage.toFixed(1)} % of lines covered`],
    ['review', review === null ? undefined : `${review} of 1`],
    ['evaluation', evaluationOf(result)],
    ['rounds', `${iterations}${cost_usd === 0 ? '' : `, ${cost(cost_usd)}`}`],
  ];
  return [
    oneLine(`${milestone}: ${title}`),
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)} ${oneLine(value)}`])),
    ...triedLines(result, width),
  ];
}

function evaluationOf({ score, breakdown }: Result): string | undefined {
  if (score === null || breakdown === null) return undefined;
  return `${score} of 5: ${dimensions.map((name) => `${name.replaceAll('_', ' ')} ${breakdown[name]}`).join(', ')}`;
}

/** Where one attempt was not enough, all of them. */
function triedLines({ attempts }: Result, width: number): string[] {
  if (attempts.length < 2) return [];
  return attempts.flatMap(({ iteration, score, summary, feedback }) =>
    hanging(wrap(oneLine(`attempt ${iteration}, ${score} of 5: ${summary} ${feedback}`), width - 4)),
  );
}

function list(title: string, items: readonly string[], width: number): string[] {
  if (items.length === 0) return [];
  return ['', oneLine(title), ...items.flatMap((item) => hanging(wrap(oneLine(item), width - 4)))];
}

const hanging = (lines: readonly string[]) => lines.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`);
