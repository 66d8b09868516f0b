import fc from 'fast-check';
import { dimensions } from '../../src/domain/artifacts/evaluation';
import { judgeScores, type Scores } from '../../src/domain/rubric';

const all = (score: number) => Object.fromEntries(dimensions.map((name) => [name, score])) as Scores;

test('weighs correctness 30, code quality 20, security 20, maintainability 15, scalability 15', () => {
  const means = dimensions.map((name) => judgeScores({ ...all(1), [name]: 2 }, { testsFailed: 0 }).mean);
  expect(means).toEqual([1.3, 1.2, 1.2, 1.15, 1.15]);
});

test('passes from a mean of 3.5 on, when nothing is under 2', () => {
  expect(judgeScores({ ...all(4), correctness: 3, code_quality: 3 }, { testsFailed: 0 })).toMatchObject({
    pass: true,
    mean: 3.5,
  });
  expect(judgeScores({ ...all(4), correctness: 2.9, code_quality: 3 }, { testsFailed: 0 }).pass).toBe(false);
  expect(judgeScores({ ...all(5), scalability: 1.9 }, { testsFailed: 0 }).why).toBe('scalability 1.9 is under 2');
});

test('a failing test caps correctness at 1, whatever the model says', () => {
  expect(judgeScores(all(5), { testsFailed: 1 })).toMatchObject({ pass: false, mean: 3.8, scores: { correctness: 1 } });
});

test('a score that is not a number never passes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dimensions), (name) => {
      expect(judgeScores({ ...all(5), [name]: Number.NaN }, { testsFailed: 0 }).pass).toBe(false);
    }),
  );
});
