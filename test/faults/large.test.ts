// What is too large for Temporal, end to end: three million bytes of every kind of answer stand in the ledger, of what tests print and
// are called the first of it, and what goes through a history stays small. Where a limit says no, a person is asked, once, and told
// which it was.
import { readRun, type Exported } from '../../scripts/trial/history';
import { overweight } from '../../scripts/trial/invariants/live';
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import { ledgerRef } from '../../src/domain/names';
import { bare } from '../adapters/git/ground';
import {
  architecture,
  change,
  code,
  deployment,
  evaluation,
  issue,
  plan,
  review,
  specification,
  suite,
  test as testing,
  understanding,
} from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';
import { byRound } from '../scenarios/script';

const LARGE = 3_000_000;
const text = 'a word\n'.repeat(LARGE / 7);
// Of three bytes each, so that a file of them is larger than a file of as many letters may be.
const comment = `// ${'…'.repeat(330)}\n`;
const lengthy = (name: string) => comment.repeat(620) + code(name)[`src/${name}.js`]!;

const model = (family: string, limits = '') =>
  `{ endpoint: '\${OPENAI_BASE_URL}', key: OPENAI_API_KEY, model: scripted, family: ${family}${limits} }`;
const MUCH = ', limits: { outputTokens: 1000000 }';

const mill = useMill({
  definitions: {
    ...small,
    'models.yaml': `models:
  frontier-a: ${model('scripted-a', MUCH)}
  frontier-b: ${model('scripted-b', MUCH)}
  local: ${model('scripted-a')}
`,
    'agents/brief/agent.yaml': 'role: says little\nmodel: [local]\nreads: [request]\nwrites: Specification\n',
    'agents/brief/prompt.md': 'You specify.\n',
    'pipelines/brief.yaml': 'name: brief\nstages:\n  specify: { agent: brief }\n',
    'agents/drawer/agent.yaml': 'role: draws\nmodel: [frontier-a]\nreads: [request]\nwrites: Architecture\n',
    'agents/drawer/prompt.md': 'You design.\n',
    'pipelines/drawn.yaml': 'name: drawn\nstages:\n  design: { agent: drawer }\n',
  },
});

const merges = (run: Delivery) => run.git('rev-list', '--count', '--merges', '--first-parent', 'main');

/** How many questions were put to the model there: one that a stalled machine had to ask again is one. */
const asked = (run: Delivery, stage: string) =>
  new Set(run.calls({ stage }).map(({ iteration, turn }) => `${iteration}/${turn}`)).size;

/** What its tests print, and say of themselves, is three megabytes each; whether they pass is the code's. */
const loud = `const assert = require('node:assert');
const test = require('node:test');
const { add } = require('../src/add');
const line = 'p'.repeat(99) + '\\n';
test('add, ' + 'n'.repeat(${LARGE}), () => {
  process.stdout.write(line.repeat(${LARGE / 100}));
  assert.strictEqual(add(2, 3), 5, 'e'.repeat(${LARGE}));
});
`;

test('tests that print 3 MB, with a name and an error of 3 MB, are read to their end: sent back while red, merged once green', async () => {
  const run = await mill.milestone(
    {
      implement: byRound(change(code('add', 'a - b')), change(code('add'))),
      tests: byRound(suite({ 'test/add.test.js': loud })),
    },
    { pipeline: 'quick' },
  );
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(merges(run)).toBe('1');
  expect(asked(run, 'implement')).toBe(2);
  expect(run.prompt('implement', 2)).toMatch(/eeee/);
  const { failures } = JSON.parse(run.fromLedger('stages/verify/1/TestReport.json')) as { failures: object[] };
  expect(failures).toEqual([expect.objectContaining({ error: expect.stringMatching(/e{400}/) })]);
});

test('thousands of tests that change their mind are counted, and named as far as there is room', async () => {
  const many = `const test = require('node:test');
for (let each = 0; each < 4_000; each++) test(each + 'n'.repeat(290), () => {});
`;
  const repository = bare({
    'README.md': '# Sums\n',
    '.millwright.yaml': 'flaky: [test/many.test.js]\n',
    'test/many.test.js': many,
  });
  const run = await mill.milestone(
    { implement: byRound(change(code('add'))), tests: byRound(suite(testing('add'))) },
    { pipeline: 'quick', repository },
  );
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect((await run.status()).stages.find(({ name }) => name === 'verify')!.summary).toContain(
    '4000 change their mind',
  );
});

/** In bytes, of a file in its ledger. */
const sizeIn = (run: Delivery, path: string) =>
  Number(run.git('cat-file', '-s', `${ledgerRef({ project: run.project, milestone: 'milestone' })}:${path}`));

test('a milestone in which every agent says 3 MB is merged, with all of it in the ledger', async () => {
  const functions = ['add', 'sub', 'mul', 'div', 'mod'];
  const files = Object.fromEntries(functions.map((name) => [`src/${name}.js`, lengthy(name)]));
  const tests = Object.assign({}, ...functions.map((name) => testing(name))) as Record<string, string>;
  const run = await mill.milestone({
    specify: byRound(specification({ prd: text })),
    design: byRound(architecture({ summary: text })),
    implement: byRound(change(files)),
    tests: byRound(suite(tests, { cases: [{ name: text, kind: 'unit', criterion: '' }] })),
    review: byRound(review({ issues: [issue('minor', text)] })),
    evaluate: byRound(evaluation({}, text)),
  });
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(merges(run)).toBe('1');
  const said = {
    ...{ specify: 'Specification', design: 'Architecture', implement: 'Change' },
    ...{ tests: 'TestSuite', review: 'Review', evaluate: 'Evaluation' },
  };
  for (const [stage, kind] of Object.entries(said))
    expect(sizeIn(run, `stages/${stage}/1/${kind}.json`)).toBeGreaterThan(LARGE);
});

test('a project that is understood and planned in 3 MB each is complete, with its report', async () => {
  const [milestone] = (plan({ add: [] }) as { json: { milestones: object[] } }).json.milestones;
  const run = await mill.project(
    {
      project: {
        understand: byRound(understanding({ goal: text })),
        plan: byRound(plan({}, { milestones: [{ ...milestone, description: text } as never] })),
        deploy: byRound(deployment()),
      },
      add: { implement: byRound(change(code('add'))), tests: byRound(suite(testing('add'))) },
    },
    { pipeline: 'quick' },
  );
  expect(await run.delivered()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
});

const names = Array.from({ length: 8 }, (_, part) => ({
  name: `part-${part}`,
  description: '',
  files: Array.from({ length: 2_000 }, (_, at) => `${part}/${at}/${'f'.repeat(180)}`),
}));
const oversized = { 'src/add.js': `${comment.repeat(3_100)}${code('add')['src/add.js']}` };
const numerous = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`src/${at}.js`, '// abc\n'.repeat(55_000)]));
const tests = byRound(suite(testing('add')));

test.each<[string, string, Record<string, [ScriptedAnswer, ScriptedAnswer]>, number, string]>([
  [
    'a file of 3 MB',
    'quick',
    { implement: [change(oversized), change(code('add'))] },
    3,
    'invalid-answer: src/add.js: longer than 400000 characters',
  ],
  [
    'files of 3 MB together',
    'quick',
    { implement: [change(numerous), change(code('add'))] },
    3,
    'invalid-answer: 3080000 characters in one answer; at most 2000000',
  ],
  [
    'what the run has to know, 3 MB of it',
    'drawn',
    { design: [architecture({ independent_parts: names }), architecture()] },
    1,
    'and 128000 are allowed',
  ],
  [
    '3 MB of a model that may say a twelfth of it',
    'brief',
    { specify: [specification({ prd: text }), specification()] },
    3,
    'cut-off: it was cut off before its end: be shorter',
  ],
])('%s: a person is asked, once, and told why; then it goes on', async (_, pipeline, said, times, words) => {
  const [[stage, [first, then]]] = Object.entries(said) as [[string, [ScriptedAnswer, ScriptedAnswer]]];
  let guided = false;
  const run = await mill.milestone({ [stage]: () => (guided ? then : first), tests }, { pipeline });
  const { detail } = await run.untilItWaitsFor('guidance');
  expect(detail).toContain(words);
  expect(asked(run, stage)).toBe(times);
  guided = true;
  await run.say('guide', { by: 'ada', note: 'less of it' });
  expect(await run.delivered()).toMatchObject({ outcome: pipeline === 'quick' ? 'merged' : 'complete' });
  expect(asked(run, stage)).toBe(times + 1);
});

test('of all of these, nothing that Temporal was given was over 256 kB, and nothing was refused and given again', async () => {
  const runs: Exported[] = [];
  for await (const { workflowId, runId } of mill.client.workflow.list()) {
    const { events } = JSON.parse(await mill.history(workflowId, runId)) as Pick<Exported, 'events'>;
    runs.push({ workflowId, runId, events });
  }
  expect(runs.length).toBeGreaterThanOrEqual(9);
  for (const exported of runs) {
    expect(overweight(exported)).toEqual([]);
    const { activities } = readRun(exported);
    // What a machine that stalled has lost is no refusal.
    expect(activities.filter(({ lastFailure }) => lastFailure && !/heartbeat timeout/i.test(lastFailure))).toEqual([]);
    expect(activities.filter(({ outcome }) => outcome !== 'completed')).toEqual([]);
    expect(exported.events.filter(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_FAILED'))).toEqual([]);
  }
});
