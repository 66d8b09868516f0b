// How pipelines may name each other. What else makes one unsound is tried with its file and line: test/adapters/yaml-definitions.test.ts.
import { Pipeline } from '../../src/domain/pipeline';
import { pipelineProblems } from '../../src/domain/soundness';

const pipelines = Object.fromEntries(
  [
    { name: 'stages', stages: { prove: { check: 'assembly' } } },
    { name: 'middle', stages: { build: { pipeline: 'stages' } } },
    { name: 'outer', stages: { deliver: { pipeline: 'middle' } } },
    { name: 'endless', stages: { again: { pipeline: 'endless' } } },
  ].map((pipeline) => [pipeline.name, Pipeline.parse(pipeline)]),
);
const problems = (name: string) =>
  pipelineProblems(pipelines[name]!, { pipelines, agents: {}, models: {}, sameFamilyReview: false });

test('a pipeline may run one that has stages alone', () => {
  expect(problems('middle')).toEqual([]);
});

test.each([
  ['that runs a third', 'outer', 'deliver', /^"middle" runs a pipeline itself \(build\), .*: name a pipeline without/],
  ['that is itself', 'endless', 'again', /^"endless" runs a pipeline itself \(again\)/],
])('a pipeline may not run one %s', (_, name, stage, message) => {
  const path = ['stages', stage, 'pipeline'];
  expect(problems(name)).toEqual([{ path, message: expect.stringMatching(message) }]);
});
