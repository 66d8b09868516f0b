// One milestone done by several side by side: the same answers, each cut to the files and criteria of its part.
import { parse } from 'node:path';
import type { Artifact } from '../../../src/domain/artifacts';
import type { FileContent } from '../../../src/domain/artifacts/fields';
import type { Milestone } from '../../../src/domain/artifacts/milestone-plan';
import type { MilestoneScript, PartScript } from './milestone';

/** A subtask that reviews is named after the part that it is about. */
export const REVIEW_OF = 'review-';

export type Part = Omit<PartScript, 'criteria'> & { task: Milestone['tasks'][number]; criteria: string[] };

export function partsOf({ milestone, parts }: MilestoneScript): Part[] {
  return parts.map((part, at) => ({
    ...part,
    task: milestone.tasks[at]!,
    criteria: part.criteria.map((number) => milestone.acceptance_criteria[number]!),
  }));
}

/** What of a first version this part writes. */
export function changeOf({ id, task, explanation }: Part, whole: Artifact<'Change'>): Artifact<'Change'> {
  const own = ({ path }: { path: string }) => task.files.includes(path);
  return {
    ...whole,
    summary: `${task.title}: ${task.files.join(', ')}`,
    files: whole.files.filter(own),
    edits: whole.edits.filter(own),
    explanation: `The part "${id}". ${explanation}`,
    changelog: task.title,
  };
}

export type SuitePart = { id: string; file: FileContent; cases: Artifact<'TestSuite'>['cases'] };

/** The tests, where several write them side by side: each a file, and the cases that stand in it. */
export function suitesOf({ tests }: MilestoneScript): SuitePart[] {
  const [first, ...others] = tests.files;
  const fileOf = (name: string) => others.find(({ content }) => content.includes(name)) ?? first;
  return tests.files.map((file) => ({
    id: `test-${parse(file.path).name.replace('.test', '')}`,
    file,
    cases: tests.cases.filter(({ name }) => fileOf(name) === file),
  }));
}

export function suiteOf({ file, cases }: SuitePart, whole: Artifact<'TestSuite'>): Artifact<'TestSuite'> {
  const titles = cases.length === 1 ? '1 case' : `${cases.length} cases`;
  return { ...whole, summary: `${file.path}: ${titles} from the criteria`, files: [file], cases };
}

/** What a reviewer says who sees one part only: what is not shown is not judged, and taken as it will be. */
export function reviewOf(part: Part, script: MilestoneScript, prompt: string): Artifact<'Review'> {
  const { task, criteria: own } = part;
  const elsewhere = script.code.filter(({ path }) => !task.files.includes(path)).map(({ content }) => content);
  const whole = script.review([prompt, ...elsewhere].join('\n'));
  const criteria = whole.criteria.filter(({ criterion }) => own.includes(criterion));
  const issues = whole.issues.filter(({ location }) => task.files.includes(location.split(':')[0]!));
  const fine = criteria.every(({ met }) => met) && issues.every(({ severity }) => severity === 'minor');
  const ofAll = part.id === script.parts[0]!.id ? whole.suggestions : [];
  const summary = whole.summary.replace(/\.$/, ''); // It is joined with those of the other parts.
  if (!fine) return { ...whole, summary, criteria, issues, suggestions: ofAll };
  return {
    ...whole,
    summary: `${task.title}: every criterion of this part is met`,
    verdict: 'passed',
    criteria,
    issues,
    suggestions: ofAll,
    rationale: `What was shown of "${part.id}" does what its criteria ask.`,
    next_step: 'Approve.',
  };
}
