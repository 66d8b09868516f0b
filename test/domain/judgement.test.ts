// What a judge's opinion means for the run: what is found wrong counts, whatever the verdict says of it.
import { artifacts } from '../../src/domain/artifacts';
import type { Review } from '../../src/domain/artifacts/review';
import { judgeArtifact } from '../../src/domain/judgement';
import { issue, review } from '../scenarios/answers';

const judged = (more: Partial<Review>) =>
  judgeArtifact('Review', artifacts.Review.parse((review(more) as { json: unknown }).json));
const criterion = (met: boolean) => ({ criterion: 'two numbers are added', met, why: 'src/add.js:1' });

test.each<[string, Partial<Review>]>([
  ['a critical issue', { issues: [issue('critical', 'it adds strings')] }],
  ['a major issue', { issues: [issue('major', 'too slow')] }],
  ['a criterion that is not met', { criteria: [criterion(true), criterion(false)] }],
])('%s sends the work back, though the verdict is "passed"', (_, found) => {
  expect(judged(found)).toMatchObject({ status: 'rework', cause: 'review' });
});

test('a minor issue stays, and so does a suggestion', () => {
  const found = judged({
    issues: [issue('minor', 'a long name')],
    suggestions: ['rename it'],
    criteria: [criterion(true)],
  });
  expect(found).toMatchObject({ status: 'ok', facts: { issues: 1, criticals: 0, majors: 0, unmet: 0 } });
});

test('a verdict that demands a revision sends the work back, though nothing is named', () => {
  expect(judged({ verdict: 'needs_revision' })).toMatchObject({ status: 'rework', cause: 'review' });
});
