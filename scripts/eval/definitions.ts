// The pipelines and agents of an evaluation: from code and tests to a merge, with as little as soundness allows.

const agent = (role: string, writes: string, model: string, reads: string): string => `role: ${role}
model: [${model}]
tools: []
reads: [request, ${reads}]
writes: ${writes}
`;

const back = '{ to: tests, max: 2, then: fail }';

/** What fails is not tried again: the coder would say the same. */
const verdict = 'onRework: { to: code, except: { weak-tests: tests, failing: fail }, max: 2, then: fail }';

const pipeline = (name: string, between: string, last: string): string => `name: ${name}
stages:
  code: { agent: coder }
  tests: { agent: checker }
  verify: { check: tests, needs: [code, tests], ${verdict} }
${between}  review: { agent: critic, needs: [${last}], onRework: { to: code, max: 1, then: fail } }
  approve: { approval: candidate, needs: [review], onRework: { to: code, max: 1 } }
  merge: { merge: base, needs: [approve], ${verdict} }
`;

export const PLAIN = 'eval';
export const WITH_MUTANTS = 'eval-mutants';

export const definitionsFor = (threshold: number): Readonly<Record<string, string>> => ({
  'pipelines/eval.yaml': pipeline(PLAIN, '', 'verify'),
  'pipelines/eval-mutants.yaml': pipeline(
    WITH_MUTANTS,
    `  mutants: { check: mutants, needs: [verify], threshold: ${threshold}, onRework: ${back} }\n`,
    'mutants',
  ),
  'agents/coder/agent.yaml': agent('writes the code', 'Change', 'frontier-a', 'repository'),
  'agents/coder/prompt.md': 'You write code.\n',
  'agents/checker/agent.yaml': agent('writes the tests', 'TestSuite', 'frontier-a', 'repository'),
  'agents/checker/prompt.md': 'You write tests.\n',
  'agents/critic/agent.yaml': agent('reviews', 'Review', 'frontier-b', 'candidate'),
  'agents/critic/prompt.md': 'You review.\n',
});
