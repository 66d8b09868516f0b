// The rubric: arithmetic on a model's scores, capped by what was measured.
import { dimensions, type Dimension, type Evaluation } from './artifacts/evaluation';

const WEIGHTS: Record<Dimension, number> = {
  correctness: 30,
  code_quality: 20,
  security: 20,
  maintainability: 15,
  scalability: 15,
};
const PASSING_MEAN = 3.5;
const LOWEST_ALLOWED = 2;
const CORRECTNESS_WHEN_TESTS_FAIL = 1;

export type Scores = Record<Dimension, number>;
export type RubricVerdict = { pass: boolean; mean: number; scores: Scores; why: string };

export function scoresOf(evaluation: Pick<Evaluation, 'breakdown'>): Scores {
  return Object.fromEntries(dimensions.map((name) => [name, evaluation.breakdown[name].score])) as Scores;
}

export function judgeScores(given: Scores, measured: { testsFailed: number }): RubricVerdict {
  const scores = { ...given };
  if (measured.testsFailed > 0) scores.correctness = Math.min(scores.correctness, CORRECTNESS_WHEN_TESTS_FAIL);
  const total = dimensions.reduce((sum, name) => sum + scores[name] * WEIGHTS[name], 0);
  const mean = Math.round(total) / 100;
  const low = dimensions.filter((name) => !(scores[name] >= LOWEST_ALLOWED));
  const reasons = [
    ...(mean >= PASSING_MEAN ? [] : [`the mean ${mean} is under ${PASSING_MEAN}`]),
    ...low.map((name) => `${name} ${scores[name]} is under ${LOWEST_ALLOWED}`),
  ];
  return { pass: reasons.length === 0, mean, scores, why: reasons.join('; ') || `the mean is ${mean}` };
}
