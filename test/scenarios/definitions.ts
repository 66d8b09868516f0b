// Pipelines and agents of these tests, beside the product's own: as little as a claim needs, so that a run is short.

const agent = (writes: string, model = 'frontier-a', reads = 'repository'): string => `role: does as scripted
model: [${model}]
reads: [request, milestone, ${reads}]
writes: ${writes}
`;

/** From code and tests to a merge, with nothing in between that is not needed for it. */
const quick = `name: quick
stages:
  implement: { agent: coder }
  tests: { agent: checker }
  verify:
    check: tests
    needs: [implement, tests]
    onRework: { to: implement, except: { weak-tests: tests }, max: 2 }
  approve: { approval: candidate, needs: [verify], onRework: { to: implement, max: 2 } }
  merge: { merge: base, needs: [approve], onRework: { to: implement, except: { weak-tests: tests }, max: 2 } }
`;

/** The same with both judges. */
const judged = quick
  .replace('name: quick', 'name: judged')
  .replace(
    '  approve:',
    `  review: { agent: critic, needs: [verify], onRework: { to: implement, max: 2 } }
  evaluate: { agent: judge, needs: [verify], rubric: default, onRework: { to: implement, max: 2 } }
  approve:`,
  )
  .replace('needs: [verify], onRework: { to: implement, max: 2 } }\n  merge', 'needs: [review, evaluate] }\n  merge');

/** One agent, and that is all. */
const solo = `name: solo
stages:
  specify: { agent: specifier }
`;

export const small = {
  'pipelines/quick.yaml': quick,
  'pipelines/judged.yaml': judged,
  'pipelines/solo.yaml': solo,
  'agents/coder/agent.yaml': agent('Change'),
  'agents/coder/prompt.md': 'You write code.\n',
  'agents/checker/agent.yaml': agent('TestSuite'),
  'agents/checker/prompt.md': 'You write tests.\n',
  'agents/critic/agent.yaml': agent('Review', 'frontier-b', 'candidate'),
  'agents/critic/prompt.md': 'You review.\n',
  'agents/judge/agent.yaml': agent('Evaluation', 'frontier-b', 'candidate'),
  'agents/judge/prompt.md': 'You score.\n',
};
