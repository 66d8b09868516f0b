// What a stage hands back to the workflow: a verdict, a reference into the ledger, and the few fields that decisions need.
import { z } from 'zod';
import { Sha } from './names';
import { oneLine } from './plain-text';
import { noUsage, type Usage } from './usage';

export const SUMMARY_LIMIT_CHARS = 200;

export const ArtifactRef = z.object({ kind: z.string(), commit: Sha, path: z.string() });
export type ArtifactRef = z.infer<typeof ArtifactRef>;

export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };
export type Facts = { readonly [name: string]: Fact };

export type Handoff = {
  status: 'ok' | 'rework' | 'blocked';
  /** Why it is not ok, as a word that a pipeline can route on: `failing`, `weak-tests`, `refusal`, `conflict` … */
  cause?: string;
  /** The same failure twice has the same fingerprint: going round again would change nothing. */
  fingerprint?: string;
  confidence: number;
  artifact?: ArtifactRef;
  /** Where the ledger tells how it came about: what was asked and answered, turn by turn. */
  trace?: string;
  summary: string;
  /** A person's own words, where there are any. */
  note?: string;
  facts: Facts;
  usage: Usage;
};

/** What a stage is told when work comes back: from whom, the gist, and where the whole of it can be read. */
export type Feedback = {
  from: string;
  /** Whose work came back, where it is that of an earlier stage. */
  to?: string;
  summary: string;
  artifact?: ArtifactRef;
  note?: string;
  /** The stage has finished work with it in mind: it still holds, and asks for nothing new. */
  heeded?: true;
};

/** It is this stage's own work that came back, not that of an earlier one. */
export const isMeant = ({ to, heeded }: Feedback): boolean => to === undefined && heeded === undefined;

const judgements = ['TestReport', 'MutantReport', 'TestAssessment', 'Review', 'Evaluation'];
/** What it hands over is said about the work of others. */
export const isJudgement = ({ artifact }: Handoff): boolean => judgements.includes(artifact?.kind ?? '');

export function summarize(text: string, limit = SUMMARY_LIMIT_CHARS): string {
  const line = oneLine(text);
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

export const noHandoff: Handoff = { status: 'ok', confidence: 1, summary: '', facts: {}, usage: noUsage };

/** What a stage hands over when it cannot go on: to an earlier stage, or to a person. */
export function stopped(status: 'rework' | 'blocked', cause: string, why: string): Handoff {
  return { ...noHandoff, status, cause, summary: summarize(why) };
}
