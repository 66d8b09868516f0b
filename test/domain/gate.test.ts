import fc from 'fast-check';
import { judge, type Demand, type Evidence } from '../../src/domain/gate';

const [candidate, base, tree, other] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const demand: Demand = {
  candidate,
  base,
  reviews: ['review'],
  evaluations: ['evaluate'],
  approvers: ['ada'],
  sameFamilyReview: false,
};
const scores = { correctness: 4, code_quality: 4, security: 4, maintainability: 4, scalability: 4 };
const evidence: Evidence = {
  verify: { candidate, base, tree, green: true, total: 3, passed: 3, failed: 0, coverage: 90 },
  reviews: {
    review: {
      candidate,
      verdict: 'passed',
      criticals: 0,
      majors: 0,
      unmet: 0,
      score: 0.9,
      family: 'b',
      authors: ['a'],
    },
  },
  evaluations: { evaluate: { candidate, scores } },
  approval: { subject: candidate, by: 'ada', at: '2026-01-01T00:00:00Z' },
};

const refusals = (change: Partial<Record<keyof Evidence, unknown>>, asked: Partial<Demand> = {}) => {
  const verdict = judge({ ...demand, ...asked }, { ...evidence, ...change } as Evidence);
  return verdict.pass ? [] : verdict.refusals;
};
const verify = evidence.verify as object;
const review = evidence.reviews.review as object;

test('whole and fresh evidence passes, and names the tree that was tested', () => {
  expect(judge(demand, evidence)).toEqual({ pass: true, tree });
});

test.each<[string, Partial<Record<keyof Evidence, unknown>>, string]>([
  ['no test run', { verify: undefined }, 'there is no green, complete test run'],
  ['a red test run', { verify: { ...verify, green: false } }, 'there is no green, complete test run'],
  [
    'a failed test in a run that calls itself green',
    { verify: { ...verify, failed: 1 } },
    'there is no green, complete test run',
  ],
  ['a run of no test', { verify: { ...verify, total: 0, passed: 0 } }, 'there is no green, complete test run'],
  ['a run in which nothing passed', { verify: { ...verify, passed: 0 } }, 'no test passed'],
  ['more results than tests', { verify: { ...verify, passed: 4 } }, 'the test run counts more results than tests'],
  [
    'a test run of another candidate',
    { verify: { ...verify, candidate: other } },
    'the test run is about dddddddddd, not aaaaaaaaaa',
  ],
  [
    'a test run on another base',
    { verify: { ...verify, base: other } },
    'the test run is for the base dddddddddd, not bbbbbbbbbb',
  ],
  ['no review', { reviews: {} }, 'review: there is no passing review'],
  [
    'a review that asks for revision',
    { reviews: { review: { ...review, verdict: 'needs_revision' } } },
    'review: there is no passing review',
  ],
  [
    'a critical issue in a review that passed',
    { reviews: { review: { ...review, criticals: 1 } } },
    'review: there is no passing review',
  ],
  [
    'a major issue in a review that passed',
    { reviews: { review: { ...review, majors: 1 } } },
    'review: there is no passing review',
  ],
  [
    'an acceptance criterion that is not met',
    { reviews: { review: { ...review, unmet: 1 } } },
    'review: there is no passing review',
  ],
  [
    'a review of another candidate',
    { reviews: { review: { ...review, candidate: other } } },
    'review is about dddddddddd, not aaaaaaaaaa',
  ],
  [
    'a review by the family that wrote it',
    { reviews: { review: { ...review, family: 'a' } } },
    'review: a reviewed what a wrote',
  ],
  [
    'a review whose authors nobody knows',
    { reviews: { review: { ...review, authors: [] } } },
    'review: there is no passing review',
  ],
  ['no evaluation', { evaluations: {} }, 'evaluate: there is no readable evaluation'],
  [
    'a score that is no number',
    { evaluations: { evaluate: { candidate, scores: { ...scores, security: 'high' } } } },
    'evaluate: there is no readable evaluation',
  ],
  [
    'a mean under 3.5',
    { evaluations: { evaluate: { candidate, scores: { ...scores, correctness: 2 } } } },
    'evaluate: the mean 3.4 is under 3.5',
  ],
  [
    'a dimension under 2',
    { evaluations: { evaluate: { candidate, scores: { ...scores, scalability: 1 } } } },
    'evaluate: scalability 1 is under 2',
  ],
  ['no approval', { approval: undefined }, 'no person has approved'],
  [
    'an approval of another candidate',
    { approval: { subject: other, by: 'ada', at: '' } },
    'the approval is about dddddddddd, not aaaaaaaaaa',
  ],
  [
    'an approval by somebody else',
    { approval: { subject: candidate, by: 'eve', at: '' } },
    'eve is no approver of this request',
  ],
])('refuses %s', (_, change, refusal) => {
  expect(refusals(change)).toContain(refusal);
});

test('a stage that its `when` skipped is evidence of its own kind', () => {
  const skipped = { skipped: true, expression: 'change.lines > 10', values: {} };
  expect(refusals({ reviews: { review: skipped }, evaluations: { evaluate: skipped } })).toEqual([]);
});

test('a review by the same family passes where the operator accepted it in words', () => {
  expect(refusals({ reviews: { review: { ...review, family: 'a' } } }, { sameFamilyReview: true })).toEqual([]);
});

test('without listed approvers anybody who can signal may approve, but somebody must', () => {
  expect(refusals({ approval: { subject: candidate, by: 'eve', at: '' } }, { approvers: [] })).toEqual([]);
  expect(refusals({ approval: undefined }, { approvers: [] })).toEqual(['no person has approved']);
});

test('whatever one piece of the evidence is replaced with, the gate passes only what is whole', () => {
  const paths = [
    ['verify'],
    ['approval'],
    ['reviews', 'review'],
    ['evaluations', 'evaluate'],
    ['verify', 'tree'],
    ['verify', 'green'],
    ['approval', 'subject'],
    ['reviews', 'review', 'verdict'],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.anything(), (path, junk) => {
      const forged = structuredClone(evidence) as unknown as Record<string, unknown>;
      const last = path.at(-1)!;
      const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, forged);
      fc.pre(!Object.is(holder[last], junk));
      holder[last] = junk;
      expect(judge(demand, forged as unknown as Evidence).pass).toBe(false);
    }),
    { numRuns: 3_000 },
  );
});
