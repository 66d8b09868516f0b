// The gate: from evidence to a verdict, failing closed. What is missing, stale, unrun or unreadable is a refusal.
import { z } from 'zod';
import { dimensions } from './artifacts/evaluation';
import { mayDecide } from './decision';
import { Sha } from './names';
import { namingObjection } from './protected-paths';
import { judgeScores, type Scores } from './rubric';

const Skipped = z.object({ skipped: z.literal(true), expression: z.string(), values: z.unknown() });

export const VerifyEvidence = z.object({
  candidate: Sha,
  base: Sha,
  tree: Sha,
  green: z.literal(true),
  total: z.number().int().positive(),
  passed: z.number().int().nonnegative(),
  failed: z.literal(0),
  coverage: z.number().nullable(),
});
export type VerifyEvidence = z.infer<typeof VerifyEvidence>;

export const ReviewEvidence = z.object({
  candidate: Sha,
  verdict: z.literal('passed'),
  criticals: z.literal(0),
  majors: z.literal(0),
  unmet: z.literal(0).describe('acceptance criteria'),
  score: z.number().min(0).max(1),
  family: z.string().min(1),
  authors: z.array(z.string().min(1)).min(1).describe('the families that wrote the code'),
});

export const EvaluationEvidence = z.object({
  candidate: Sha,
  scores: z.object(Object.fromEntries(dimensions.map((name) => [name, z.number().min(1).max(5)]))),
});

export const ApprovalEvidence = z.object({
  subject: Sha,
  by: z.string().min(1),
  at: z.string(),
  paths: z.array(z.string()).default([]).describe('the protected paths that it names'),
});

export type Evidence = {
  verify?: unknown;
  /** By stage: each that the pipeline has, skipped ones included. */
  reviews: Readonly<Record<string, unknown>>;
  evaluations: Readonly<Record<string, unknown>>;
  approval?: unknown;
};

/** What this merge needs, from the pipeline and the request; not from anything an agent said. */
export type Demand = {
  candidate: string;
  base: string;
  reviews: readonly string[];
  evaluations: readonly string[];
  approvers: readonly string[];
  sameFamilyReview: boolean;
};

export type GateVerdict = { pass: true; tree: string } | { pass: false; refusals: string[] };

export function judge(demand: Demand, evidence: Evidence): GateVerdict {
  const verify = VerifyEvidence.safeParse(evidence.verify);
  const refusals = [
    ...verifyRefusals(demand, verify.success ? verify.data : undefined),
    ...demand.reviews.flatMap((stage) => reviewRefusals(demand, stage, evidence.reviews[stage])),
    ...demand.evaluations.flatMap((stage) => evaluationRefusals(demand, stage, evidence.evaluations[stage])),
    ...approvalRefusals(demand, evidence.approval),
  ];
  return refusals.length === 0 && verify.success ? { pass: true, tree: verify.data.tree } : { pass: false, refusals };
}

function verifyRefusals({ candidate, base }: Demand, verify: VerifyEvidence | undefined): string[] {
  if (verify === undefined) return ['there is no green, complete test run'];
  const refusals = staleness('the test run', verify.candidate, candidate);
  if (verify.base !== base) refusals.push(`the test run is for the base ${short(verify.base)}, not ${short(base)}`);
  if (verify.passed + verify.failed > verify.total) refusals.push('the test run counts more results than tests');
  if (verify.passed < 1) refusals.push('no test passed');
  return refusals;
}

function reviewRefusals(demand: Demand, stage: string, found: unknown): string[] {
  if (Skipped.safeParse(found).success) return [];
  const review = ReviewEvidence.safeParse(found);
  if (!review.success) return [`${stage}: there is no passing review`];
  const { candidate, family, authors } = review.data;
  const refusals = staleness(stage, candidate, demand.candidate);
  if (authors.includes(family) && !demand.sameFamilyReview)
    refusals.push(`${stage}: ${family} reviewed what ${family} wrote`);
  return refusals;
}

function evaluationRefusals(demand: Demand, stage: string, found: unknown): string[] {
  if (Skipped.safeParse(found).success) return [];
  const evaluation = EvaluationEvidence.safeParse(found);
  if (!evaluation.success) return [`${stage}: there is no readable evaluation`];
  const verdict = judgeScores(evaluation.data.scores as Scores, { testsFailed: 0 });
  const refusals = staleness(stage, evaluation.data.candidate, demand.candidate);
  return verdict.pass ? refusals : [...refusals, `${stage}: ${verdict.why}`];
}

function approvalRefusals({ candidate, approvers }: Demand, found: unknown): string[] {
  const approval = ApprovalEvidence.safeParse(found);
  if (!approval.success) return ['no person has approved'];
  const refusals = staleness('the approval', approval.data.subject, candidate);
  if (!mayDecide(approvers, approval.data.by)) refusals.push(`${approval.data.by} is no approver of this request`);
  return refusals;
}

/** What a valid approval of this candidate may lack still, so that a person is asked again. */
export function judgeApproval(demand: { protectedPaths: readonly string[] }, found: unknown): string[] {
  const approval = ApprovalEvidence.safeParse(found);
  if (!approval.success) return ['no person has approved'];
  const { paths } = approval.data;
  // A path that needs no naming any more, because the base has the same change by now, does no harm.
  const objection = namingObjection(
    demand.protectedPaths,
    paths.filter((path) => demand.protectedPaths.includes(path)),
  );
  return objection === undefined ? [] : [`the approval by ${approval.data.by} does not do: ${objection}`];
}

function staleness(what: string, named: string, candidate: string): string[] {
  return named === candidate ? [] : [`${what} is about ${short(named)}, not ${short(candidate)}`];
}

const short = (sha: string) => sha.slice(0, 10);
