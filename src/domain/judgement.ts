// What an artifact means for the run: its verdict and the few fields that decisions need. Arithmetic, no opinion.
import type { Artifact, ArtifactKind } from './artifacts';
import { summarize, type Facts, type Handoff } from './handoff';
import { judgeScores, scoresOf } from './rubric';
import { fingerprint } from './verification';

const TITLE_LIMIT_CHARS = 80;

/** `why` is what the arithmetic found, where it is not ok: the model's own summary may well praise. */
export type Judgement = Pick<Handoff, 'status' | 'cause' | 'fingerprint'> & { why?: string; facts: Facts };

type Judges = { [K in ArtifactKind]?: (artifact: Artifact<K>) => Judgement };

const ok = (facts: Facts): Judgement => ({ status: 'ok', facts });

const judges: Judges = {
  Understanding: ({ language, risks, questions }) => ok({ language, risks: risks.length, questions: questions.length }),

  MilestonePlan: ({ milestones }) =>
    ok({
      milestones: milestones.map(({ id, title, dependencies }) => ({
        id,
        title: summarize(title, TITLE_LIMIT_CHARS),
        dependencies,
      })),
    }),

  Architecture: ({ independent_parts }) =>
    ok({
      independentParts: independent_parts.map(({ name, files }) => ({ name, files })),
      parts: independent_parts.length,
    }),

  ImplementationPlan: ({ independent_parts, files_to_create, files_to_modify }) =>
    ok({
      independentParts: independent_parts.map(({ name, files }) => ({ name, files })),
      files: files_to_create.length + files_to_modify.length,
    }),

  TaskPlan: ({ tasks }) =>
    ok({
      tasks: [...tasks].sort((a, b) => a.priority - b.priority).map(({ id, files }) => ({ name: id, files })),
    }),

  Decomposition({ subtasks }) {
    const of = (type: string) =>
      subtasks.filter((subtask) => subtask.type === type).map(({ id, files }) => ({ name: id, files }));
    return ok({ generate: of('generate'), test: of('test'), review: of('review') });
  },

  /** It exists only where tests failed: whatever it recommends, the work is not done. */
  TestAssessment: ({ recommendation, failed }) => ({
    status: 'rework',
    cause: recommendation,
    why: `${recommendation}: ${failed.length} failing ${failed.length === 1 ? 'test' : 'tests'}`,
    facts: { recommendation, failed: failed.length },
  }),

  Review(review) {
    const of = (severity: string) => review.issues.filter((issue) => issue.severity === severity).length;
    const [criticals, majors] = [of('critical'), of('major')];
    const unmet = review.criteria.filter(({ met }) => !met).length;
    const facts = {
      verdict: review.verdict,
      score: review.score,
      issues: review.issues.length,
      criticals,
      majors,
      unmet,
    };
    // What is wrong counts, whatever the verdict says of it.
    if (review.verdict === 'passed' && criticals + majors + unmet === 0) return ok(facts);
    const said = review.issues.map(({ location, description }) => `${location} ${description}`).sort();
    const why = criticals > 0 ? `${criticals} critical of ${review.issues.length} issues` : 'it needs revision';
    return { status: 'rework', cause: 'review', why, fingerprint: fingerprint(['review', ...said]), facts };
  },

  Evaluation(evaluation) {
    const verdict = judgeScores(scoresOf(evaluation), { testsFailed: 0 });
    const facts = { scores: verdict.scores, mean: verdict.mean };
    if (verdict.pass) return ok(facts);
    return {
      status: 'rework',
      cause: 'evaluation',
      why: verdict.why,
      fingerprint: fingerprint([verdict.why, evaluation.feedback]),
      facts,
    };
  },
};

export function judgeArtifact<K extends ArtifactKind>(kind: K, artifact: Artifact<K>): Judgement {
  return judges[kind]?.(artifact) ?? ok({});
}
