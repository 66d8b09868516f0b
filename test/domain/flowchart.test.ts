// What the graph of a pipeline shows.
import { flowchart } from '../../src/domain/flowchart';
import { Pipeline } from '../../src/domain/pipeline';

const drawn = (stages: Record<string, unknown>) => flowchart(Pipeline.parse({ name: 'mine', stages })).split('\n');

test('each stage is a node in the shape of its kind, with what it calls', () => {
  expect(
    drawn({
      code: { agent: 'coder', fanOut: 'plan.parts' },
      verify: { check: 'tests' },
      approve: { approval: 'candidate' },
      merge: { merge: 'base' },
      build: { pipeline: 'milestone', forEach: 'plan.milestones' },
    }),
  ).toEqual([
    'flowchart LR',
    '  s_code["code<br/>agent: coder<br/>side by side: plan.parts"]',
    '  s_verify{{"verify<br/>check: tests"}}',
    '  s_approve(["approve<br/>a person: candidate"])',
    '  s_merge[("merge<br/>the gate: base")]',
    '  s_build[["build<br/>pipeline: milestone<br/>for each of plan.milestones"]]',
  ]);
});

test('what a stage needs leads to it', () => {
  const lines = drawn({ a: { agent: 'x' }, b: { agent: 'x' }, end: { agent: 'x', needs: ['a', 'b'] } });
  expect(lines.slice(-2)).toEqual(['  s_a --> s_end', '  s_b --> s_end']);
});

test('a dotted arrow says why work goes back, how often at most, and which causes take another way', () => {
  const lines = drawn({
    code: { agent: 'coder' },
    tests: { agent: 'tester' },
    verify: {
      check: 'tests',
      onRework: { to: 'code', except: { 'weak-tests': 'tests', coverage: 'tests', odd: 'verify' }, max: 3 },
    },
  });
  expect(lines.at(-1)).toBe(
    '  s_verify -. "not green, at most 3<br/>(weak-tests, coverage: to tests)<br/>(odd: to verify)" .-> s_code',
  );
});

test('a condition is shown, and nothing in it can break the picture', () => {
  const [, node] = drawn({ review: { agent: 'critic', when: 'change.kind == "<b>#1;" && change.lines > 10' } });
  expect(node).toBe(
    '  s_review["review<br/>agent: critic<br/>when change.kind == #quot;#lt;b#gt;#35;1;#quot; && change.lines #gt; 10"]',
  );
});
