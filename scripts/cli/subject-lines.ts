// What a person is asked to approve, in full: a candidate with its changes and the evidence about it, or a plan with its milestones.
import type { FileDiff } from '../../src/activities/ports';
import type { Fact, Facts } from '../../src/domain/handoff';
import { isPackage, protectedAs } from '../../src/domain/protected-paths';
import { isDependency } from '../../src/domain/new-dependencies';
import type { StageStatus, Status, Waiting } from '../../src/domain/status';
import { oneLine } from './safe-text';

const FILES_SHOWN = 15;

/** The files that differ, or why they cannot be read from here. */
export type Changes = { files: readonly FileDiff[] } | { unread: string };

export function candidateLines(
  run: Status,
  subject: string,
  changes: Changes,
  { paths = [], known = {} }: Pick<Waiting, 'paths' | 'known'> = {},
): string[] {
  return [
    `Candidate of ${run.id}: ${oneLine(run.title)}`,
    field('candidate', subject),
    field('base', `${run.base ?? 'unknown'} (${oneLine(run.branch)})`),
    field('repository', oneLine(run.repository)),
    ...changeLines(changes),
    ...protectedLines(paths.filter((path) => !isDependency(path))),
    ...dependencyLines(paths.filter(isDependency), known),
    ...run.stages.flatMap((stage) => evidenceLines(stage, subject)),
  ];
}

export function planLines(run: Status, subject: string): string[] {
  const facts = run.stages.find((stage) => stage.facts.digest === subject)?.facts ?? {};
  const milestones = (Array.isArray(facts.milestones) ? facts.milestones : []) as readonly Facts[];
  return [
    `Plan of ${run.id}: ${oneLine(run.title)}`,
    field('digest', subject),
    field('milestones', String(milestones.length)),
    ...milestones.map(({ id, title, dependencies }) => {
      const needs = Array.isArray(dependencies) && dependencies.length > 0 ? ` (needs ${dependencies.join(', ')})` : '';
      return oneLine(`${String(id)}: ${String(title)}${needs}`).replace(/^/, '    ');
    }),
  ];
}

const field = (name: string, value: string) => `  ${name.padEnd(11)} ${value}`;

function changeLines(changes: Changes): string[] {
  if ('unread' in changes) return [field('changes', `cannot be read from here: ${oneLine(changes.unread)}`)];
  const { files } = changes;
  const sum = (of: (file: FileDiff) => number) => files.reduce((total, file) => total + of(file), 0);
  const left = files.length - FILES_SHOWN;
  return [
    field('changes', `${files.length} files, +${sum(({ added }) => added)} −${sum(({ deleted }) => deleted)}`),
    ...files.slice(0, FILES_SHOWN).map(({ path, added, deleted }) => {
      return `    ${`+${added}`.padStart(6)} ${`−${deleted}`.padStart(6)}  ${oneLine(path)}`;
    }),
    ...(left > 0 ? [`    and ${left} more`] : []),
  ];
}

/** All of them: who approves answers for each. */
function protectedLines(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const why = (path: string) => protectedAs(path) ?? (isPackage(path) ? 'scripts' : 'as the base has it');
  return [
    field('PROTECTED', `${paths.length} of these paths, which an approval must name`),
    ...paths.map((path) => `    ${oneLine(path)} (${why(path)})`),
  ];
}

/** All of them, too: what is installed is run. */
function dependencyLines(named: readonly string[], known: Readonly<Record<string, string>>): string[] {
  if (named.length === 0) return [];
  return [
    field('NEW', `${named.length} dependencies, which an approval must name (--dependencies)`),
    ...named.map((one) => `    ${oneLine(`${one}: ${known[one] ?? 'age unknown'}`)}`),
  ];
}

/** Only what was found about this very candidate is evidence. */
function evidenceLines({ name, kind, state, iteration, facts, summary }: StageStatus, candidate: string): string[] {
  const label = oneLine(name).slice(0, 11);
  if (state === 'skipped' && kind === 'agent') return [field(label, oneLine(`skipped by the pipeline: ${summary}`))];
  if (facts.candidate !== candidate) return [];
  const words = kind === 'check' ? testWords(facts) : (reviewWords(facts) ?? evaluationWords(facts));
  return words === undefined ? [] : [field(label, oneLine(`${words}${iteration > 1 ? ` (round ${iteration})` : ''}`))];
}

function testWords({ green, passed, failed, total, coverage }: Facts): string {
  const covered = typeof coverage === 'number' ? `, ${coverage.toFixed(1)} % of lines covered` : '';
  const verdict = green === true ? 'green' : 'NOT green';
  return `${verdict}: ${text(passed)} of ${text(total)} passed, ${text(failed)} failed${covered}`;
}

function reviewWords({ verdict, score, issues, criticals, majors, unmet, model, family }: Facts): string | undefined {
  if (verdict === undefined || score === undefined) return undefined;
  const by = model === undefined ? '' : `, by ${text(model)} (${text(family)})`;
  const counts = `${text(issues)} issues (${text(criticals)} critical, ${text(majors)} major), ${text(unmet)} criteria unmet`;
  return `${text(verdict)}, score ${text(score)}, ${counts}${by}`;
}

function evaluationWords({ mean, scores }: Facts): string | undefined {
  if (mean === undefined) return undefined;
  const each = Object.entries((scores ?? {}) as Facts).map(([dimension, score]) => `${dimension} ${text(score)}`);
  return `mean ${text(mean)} of 5: ${each.join(', ')}`;
}

const text = (fact: Fact | undefined): string => (fact === undefined || fact === null ? 'unknown' : String(fact));
