// What several wrote side by side, as one artifact of the same kind.
import type { Change } from './change';
import type { Review } from './review';
import type { TestSuite } from './test-suite';

type Joins = {
  Change: (parts: readonly Change[]) => Change;
  TestSuite: (parts: readonly TestSuite[]) => TestSuite;
  Review: (parts: readonly Review[]) => Review;
};
export type JoinedKind = keyof Joins;

const said = (parts: readonly { summary: string; confidence: number }[]) => ({
  summary: parts.map(({ summary }) => summary).join('; '),
  confidence: Math.min(...parts.map(({ confidence }) => confidence)),
});

export const joins: Joins = {
  Change: (parts) => ({
    ...said(parts),
    files: parts.flatMap(({ files }) => files),
    edits: parts.flatMap(({ edits }) => edits),
    deletions: parts.flatMap(({ deletions }) => deletions),
    dependencies_added: parts.flatMap(({ dependencies_added }) => dependencies_added),
    explanation: parts.map(({ explanation }) => explanation).join('\n\n'),
    changelog: parts.map(({ changelog }) => changelog).join('; '),
    revision_number: 0,
  }),

  TestSuite: (parts) => ({
    ...said(parts),
    files: parts.flatMap(({ files }) => files),
    deletions: parts.flatMap(({ deletions }) => deletions),
    cases: parts.flatMap(({ cases }) => cases),
  }),

  /** One part that needs revision sends back the whole. */
  Review: (parts) => ({
    ...said(parts),
    verdict: parts.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'needs_revision',
    criteria: parts.flatMap(({ criteria }) => criteria),
    issues: parts.flatMap(({ issues }) => issues),
    suggestions: parts.flatMap(({ suggestions }) => suggestions),
    score: Math.min(...parts.map(({ score }) => score)),
    rationale: parts.map(({ rationale }) => rationale).join('\n\n'),
    next_step: parts.map(({ next_step }) => next_step).join('; '),
  }),
};

export const isJoined = (kind: string): kind is JoinedKind => kind in joins;
