// The final report, put together by arithmetic and quotation from what the ledger holds: no model writes it.
import type { Architecture } from './artifacts/architecture';
import type { DeploymentPlan } from './artifacts/deployment-plan';
import type { Evaluation } from './artifacts/evaluation';
import type { FinalReport } from './artifacts/final-report';
import type { MilestonePlan } from './artifacts/milestone-plan';
import type { Review } from './artifacts/review';
import type { TestReport } from './artifacts/test-report';
import type { Understanding } from './artifacts/understanding';
import { attemptOf } from './attempts';
import type { Facts, Handoff } from './handoff';
import type { MilestoneStatus, Status } from './status';
import type { Usage } from './usage';

type DeliveredRound = { iteration: number; handoff: Handoff; artifact?: unknown };
/** The last handoff of a stage, those of all its rounds, and what rounds and parts have cost. */
export type DeliveredStage = {
  iterations: number;
  handoff: Handoff;
  artifact?: unknown;
  rounds: readonly DeliveredRound[];
  usage: Usage;
};
export type Delivery = {
  project: Readonly<Record<string, DeliveredStage>>;
  milestones: Readonly<Record<string, Readonly<Record<string, DeliveredStage>>>>;
};

type Stages = Readonly<Record<string, DeliveredStage>>;
type Result = FinalReport['results'][number];

export function composeReport(status: Status, delivery: Delivery): FinalReport {
  const milestones: Pick<MilestoneStatus, 'id' | 'title' | 'state' | 'reason'>[] =
    status.kind === 'project'
      ? status.milestones
      : [
          {
            id: status.id.split('/').at(-1)!,
            title: status.title,
            state: status.state === 'waiting' ? 'running' : status.state,
            ...(status.reason !== undefined && { reason: status.reason }),
          },
        ];
  const results = milestones.map((milestone) => resultOf(milestone, delivery.milestones[milestone.id] ?? {}));
  const all = Object.values(delivery.milestones);
  const understanding = artifactOf<Understanding>(delivery.project, 'Understanding');
  const plan = artifactOf<MilestonePlan>(delivery.project, 'MilestonePlan');
  const merged = results.filter(({ outcome }) => outcome === 'merged');
  const unmerged = milestones.filter(({ state }) => state !== 'merged' && state !== 'complete');
  return {
    summary: `${merged.length} of ${results.length} milestones merged`,
    confidence: 1,
    prototype: merged.length === 0 ? null : prototypeOf(status, merged, delivery.project),
    results,
    deliverables: merged.map(({ milestone, title, commit }) => `${milestone}: ${title} (${commit?.slice(0, 10)})`),
    risks: [
      ...unmerged.map(({ id, state, reason }) => `${id} is not merged: ${reason ?? state}`),
      ...all.flatMap((stages) => objectionsLeft(stages)),
      ...(understanding?.risks ?? []),
    ],
    technical_debt: all.flatMap((stages) => debts(stages)),
    next_iteration: [
      ...unmerged.map(({ id, title }) => `deliver ${id}: ${title}`),
      ...(plan?.out_of_scope ?? []),
      ...(understanding?.questions ?? []),
    ],
  };
}

/** What there is now, and how to look at it. */
function prototypeOf(
  { id, kind, repository, branch, base, stages }: Status,
  merged: readonly Result[],
  project: Stages,
): FinalReport['prototype'] {
  const built = stages.some((stage) => stage.kind === 'pipeline' && stage.state === 'done');
  const commit = kind === 'milestone' ? merged[0]!.commit : built ? (base ?? null) : null;
  const folder = id.split('/')[0]!;
  const plan = artifactOf<DeploymentPlan>(project, 'DeploymentPlan');
  return {
    ...{ repository, branch, commit },
    look: [
      `git clone --branch ${quoted(branch)} ${quoted(repository)} ${quoted(folder)}`,
      ...merged.map(
        ({ milestone, commit: merge }) => `git -C ${quoted(folder)} diff --stat ${merge}^ ${merge}  # ${milestone}`,
      ),
      ...(plan?.deploy_instructions ?? []),
    ],
  };
}

const quoted = (word: string) => (/^[\w@:/.+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function resultOf({ id, title, state }: Pick<MilestoneStatus, 'id' | 'title' | 'state'>, stages: Stages): Result {
  const tests = artifactOf<TestReport>(stages, 'TestReport');
  const facts = (kind: string) => stageOf(stages, kind)?.handoff.facts ?? {};
  const merge = factsWith(stages, 'commit').at(0);
  const attempts = Object.values(stages).flatMap(({ rounds }) => rounds.flatMap(attemptIn));
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return {
    milestone: id,
    title,
    outcome: state,
    commit: text(merge?.commit),
    tests: tests === undefined ? 'not run' : `${tests.passed} of ${tests.total} passed`,
    coverage: tests?.coverage ?? null,
    review: number(facts('Review').score),
    score: attempts.at(-1)?.score ?? null,
    breakdown: attempts.at(-1)?.breakdown ?? null,
    attempts,
    approved_by: text(approvalOf(stages, merge)?.by),
    iterations: Math.max(0, ...Object.values(stages).map(({ iterations }) => iterations)),
    cost_usd: Object.values(stages).reduce((sum, { usage }) => sum + usage.costUsd, 0),
  };
}

function attemptIn(round: DeliveredRound): Result['attempts'] {
  const attempt = attemptOf(round);
  const { feedback = '' } = (round.artifact ?? {}) as Partial<Evaluation>;
  return attempt === undefined ? [] : [{ ...attempt, feedback }];
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);
/** Of the stages that are done and not sent back. */
const factsWith = (stages: Stages, name: string): Facts[] =>
  Object.values(stages).flatMap(({ handoff: { status, facts } }) => (status === 'ok' && name in facts ? [facts] : []));
const approvalOf = (stages: Stages, merge: Facts | undefined) =>
  factsWith(stages, 'by').find(({ subject }) => merge === undefined || subject === merge.candidate);
const stageOf = (stages: Stages, kind: string) =>
  Object.values(stages).find(({ handoff }) => handoff.artifact?.kind === kind);
const artifactOf = <A>(stages: Stages, kind: string) => stageOf(stages, kind)?.artifact as A | undefined;

function objectionsLeft(stages: Stages): string[] {
  const review = artifactOf<Review>(stages, 'Review');
  return (review?.issues ?? [])
    .filter(({ severity }) => severity !== 'minor')
    .map(({ location, description }) => `${location}: ${description}`);
}

function debts(stages: Stages): string[] {
  const review = artifactOf<Review>(stages, 'Review');
  const minor = (review?.issues ?? [])
    .filter(({ severity }) => severity === 'minor')
    .map(({ location, description }) => `${location}: ${description}`);
  const choices = artifactOf<Architecture>(stages, 'Architecture')?.choices ?? [];
  const weighed = choices
    .filter(({ alternatives }) => alternatives.length > 0)
    .map(({ choice, alternatives }) => `${choice} (instead of ${alternatives.join(', ')})`);
  return [...minor, ...(review?.suggestions ?? []), ...weighed];
}
