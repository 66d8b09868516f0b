// milestone, the default: MVP, v1, v2 …, each Specification → Architecture → Implementation → Test → Evaluate.
// The straight way of a milestone that is started alone is told in test/scenarios/merged-milestone.test.ts.
import type { FinalReport } from '../../src/domain/artifacts/final-report';
import { bare } from '../adapters/git/ground';
import {
  architecture,
  change,
  code,
  deployment,
  evaluation,
  good,
  longer,
  plan,
  review,
  specification,
  suite,
  test as testing,
  understanding,
} from '../scenarios/answers';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';
import { byRound, type Script } from '../scenarios/script';

const mill = useMill();

const around: Script = {
  understand: [understanding({ risks: ['large numbers'], questions: ['Fractions, too?'] })],
  plan: [plan({ mvp: [], v1: ['mvp'] }, { out_of_scope: ['multiply'] })],
  deploy: [deployment()],
};
const project = (scripts: Readonly<Record<string, Script>>) =>
  mill.project({ project: around, ...scripts }, { repository: bare({ 'README.md': '# Sums\n' }) });
const alone = (script: Script) => mill.milestone({ ...good(), review: () => review(), ...script });

const inLedger = (run: Delivery, path: string) => JSON.parse(run.fromLedger(`stages/${path}.json`, 'mvp'));
const stages = ['specify', 'design', 'implement', 'tests', 'evaluate'];
const rounds = (run: Delivery, milestone: string) =>
  Object.fromEntries(stages.map((stage) => [stage, run.calls({ milestone, stage }).length]));
const reportOf = (run: Delivery) => JSON.parse(run.fromLedger('report/FinalReport.json', 'project')) as FinalReport;

describe('milestone', () => {
  const total = {
    'src/total.js':
      'exports.total = (all) => {\n  let sum = 0;\n  for (const one of all) {\n    sum += one;\n  }\n  return sum;\n};\n',
  };
  const better = { 'src/total.js': 'exports.total = (all) => all.reduce((sum, one) => sum + one, 0);\n' };
  const totalled = {
    'test/total.test.js': `const assert = require('node:assert');
require('node:test')('total of 1, 2 and 3', () => assert.strictEqual(require('../src/total').total([1, 2, 3]), 6));
`,
  };
  const low = evaluation({ scalability: 1 }, 'Say how long a list may be.');
  const designed = architecture({ choices: [{ choice: 'a loop', rationale: 'plain', alternatives: ['recursion'] }] });
  let run: Delivery;

  beforeAll(async () => {
    run = await project({
      mvp: {
        specify: byRound(specification(), specification({ non_functional: ['a list of a million is added'] })),
        design: () => designed,
        implement: byRound(change({ ...code('add'), ...total }), change(better)),
        // In the third round they still fit: nothing is handed in, and nothing is lost.
        tests: byRound(suite(testing('add')), suite(totalled), suite({})),
        evaluate: byRound(low, evaluation()),
        review: () => review(),
      },
      v1: {
        ...good('take'),
        implement: [change(longer(code('take')))],
        review: [review({ suggestions: ['rename it'] })],
      },
    });
    await run.delivered();
  });

  test('delivers MVP, v1 … in order, each specified, designed, implemented beside its tests, tested and evaluated', async () => {
    expect(run.git('log', '--first-parent', '--merges', '--reverse', '--format=%s', 'main').split('\n')).toEqual([
      'Merge mvp: The mvp',
      'Merge v1: The v1',
    ]);
    expect(rounds(run, 'v1')).toEqual({ specify: 1, design: 1, implement: 1, tests: 1, evaluate: 1 });
    expect(run.prompt('plan')).toMatch(/`mvp` first, then `v1`, `v2` …[^]*smallest thing that works end to end/);
  });

  test('ends with its outcome, score and breakdown', async () => {
    const four = { correctness: 4, code_quality: 4, security: 4, maintainability: 4, scalability: 4 };
    const v1 = mill.milestoneOf(run, 'v1');
    expect(await v1.result()).toMatchObject({ outcome: 'merged', score: 4, breakdown: four });
    expect(await v1.status()).toMatchObject({ state: 'merged', score: 4, breakdown: four });
    expect(reportOf(run).results[1]).toMatchObject({ outcome: 'merged', score: 4, breakdown: four, coverage: 100 });
    expect((await run.status()).milestones[1]!.reason).toMatch(/^merged as \w{10}, approved by ada, score 4 of 5$/);
  });

  test('sends tests that cover under 80 % of the lines to the tester, and the code stays', () => {
    expect(inLedger(run, 'verify/1/TestReport')).toMatchObject({ passed: 1, failed: 0 });
    expect(inLedger(run, 'verify/1/TestReport').coverage).toBeLessThan(80);
    expect(run.prompt('tests', 2, 'mvp')).toMatch(/feedback from verify">\s[^]*12\.5 %, and 80 % is demanded/);
    expect(inLedger(run, 'verify/2/TestReport')).toMatchObject({ passed: 2, coverage: 100 });
    expect(run.calls({ milestone: 'mvp', stage: 'implement' })).toHaveLength(2);
  });

  describe('where the evaluation falls short', () => {
    test('the specification is updated, by the feedback', () => {
      const told = run.prompt('specify', 2, 'mvp');
      expect(told).toMatch(/title="your previous work">[^]*title="feedback from evaluate">[^]*Say how long a list/);
      expect(told).toContain('scalability 1 is under 2');
    });

    test('the architecture is kept unless the specification demands otherwise', () => {
      const told = run.prompt('design', 2, 'mvp');
      expect(told).toMatch(/a list of a million[^]*title="your previous work">[^]*"choice": "a loop"/);
      expect(told).toMatch(/keep it as it is, but for what the specification now demands otherwise/);
      expect(told).toContain('What you worked from has changed since your earlier work above.');
      expect(inLedger(run, 'design/2/Architecture')).toEqual(inLedger(run, 'design/1/Architecture'));
    });

    test('the implementer gets its previous code with the feedback, and corrects it', () => {
      const told = run.prompt('implement', 2, 'mvp');
      expect(told).toContain('a list of a million is added');
      expect(told).toMatch(/your previous work, as a diff against the base">[^]*\+ {2}for \(const one of all\)/);
      expect(told).toMatch(/title="feedback from evaluate, to specify">[^]*Say how long a list may be\./);
      expect(run.onMain('src/total.js')).toContain('reduce');
      expect(run.onMain('src/add.js')).toContain('exports.add');
    });

    test('all tests run again, those that are kept included', () => {
      expect(run.prompt('tests', 3, 'mvp')).toMatch(/your previous work, as a diff[^]*total of 1, 2 and 3/);
      expect(inLedger(run, 'verify/3/TestReport')).toMatchObject({ total: 2, passed: 2, coverage: 100 });
      expect(inLedger(run, 'verify/3/TestReport').candidate).not.toBe(inLedger(run, 'verify/2/TestReport').candidate);
      expect(rounds(run, 'mvp')).toEqual({ specify: 2, design: 2, implement: 2, tests: 3, evaluate: 2 });
    });

    test('both attempts are on record, and the last one counts', () => {
      const [mvp] = reportOf(run).results;
      expect(mvp).toMatchObject({
        ...{ outcome: 'merged', score: 4 },
        attempts: [
          {
            iteration: 1,
            score: 3.55,
            summary: 'scalability 1 is under 2: as asked',
            feedback: 'Say how long a list may be.',
          },
          { iteration: 2, score: 4 },
        ],
      });
    });
  });

  test('reports the prototype, the test results with coverage, risks, technical debt and the roadmap', () => {
    const report = reportOf(run);
    const tip = run.git('rev-parse', 'main');
    expect(report.prototype).toMatchObject({ repository: run.repository, branch: 'main', commit: tip });
    expect(report.prototype!.look[0]).toBe(`git clone --branch main ${run.repository} ${run.id}`);
    const page = run.fromLedger('report/FinalReport.md', 'project');
    expect(page).toMatch(/^## Prototype\n\n`main` at \w{40} of /m);
    expect(page).toMatch(/^\| mvp \| The mvp \| merged \| \w{40} \| 2 of 2 passed \| 100\.0 % \|/m);
    expect(page).toMatch(
      /^\| mvp \| 1 \| 3\.55 \| 4 \| 4 \| 4 \| 4 \| 1 \| scalability 1 is under 2: as asked \| Say/m,
    );
    expect(page).toMatch(/^## Risks\n\n- large numbers$/m);
    expect(page).toMatch(/^## Technical debt\n\n- a loop \(instead of recursion\)\n- rename it$/m);
    expect(page).toMatch(/^## Roadmap of the next iteration\n\n- multiply\n- Fractions, too\?$/m);
  });

  test('asks for the standards where they are followed and judged; the threshold of the coverage is the pipeline’s', () => {
    for (const stage of ['design', 'implement', 'evaluate']) {
      const told = run.prompt(stage, 1, 'v1');
      expect(told).toMatch(/files under 300 lines, one responsibility each/i);
      expect(told).toMatch(/nothing hard-coded/i);
    }
    for (const stage of ['implement', 'evaluate']) {
      expect(run.prompt(stage, 1, 'v1')).toMatch(/type[^]*public function[^]*errors/);
    }
    expect(run.prompt('tests', 1, 'v1')).toMatch(/Unit tests[^]*integration tests[^]*contract tests/);
    const system = run.calls({ milestone: 'v1' }).map(({ messages }) => messages![0]!.content);
    expect(system.join('\n')).not.toContain('80 %');
  });
});

describe('milestone, falling short four times', () => {
  let run: Delivery;
  let mvp: Delivery;

  beforeAll(async () => {
    run = await project({
      mvp: {
        specify: ({ iteration }) => specification({ prd: `Sums, version ${iteration}.` }),
        design: () => architecture(),
        implement: ({ iteration }) => change(code('add', `a + b + ${iteration} - ${iteration}`)),
        tests: () => suite(testing('add')),
        evaluate: ({ iteration }) => evaluation({ correctness: 1 }, `Still no fractions, ${iteration}.`),
      },
    });
    mvp = mill.milestoneOf(run, 'mvp');
    await run.result();
  });

  test('has failed after three retries, with everything that was tried, and is merged nowhere', async () => {
    expect(rounds(run, 'mvp')).toEqual({ specify: 4, design: 4, implement: 4, tests: 4, evaluate: 4 });
    const attempts = [1, 2, 3, 4].map((iteration) => ({
      ...{ iteration, score: 3.1, breakdown: { correctness: 1, security: 4 } },
      summary: 'the mean 3.1 is under 3.5; correctness 1 is under 2: as asked',
    }));
    const reason = /^evaluate \(failed_after_retries\): sent back 3 times, and still: the mean 3\.1 is under 3\.5/;
    expect(await mvp.result()).toMatchObject({
      ...{ outcome: 'failed', cause: 'failed_after_retries', reason: expect.stringMatching(reason), attempts },
    });
    const status = await mvp.status();
    expect(status).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason), attempts });
    expect(status.score).toBeUndefined();
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
    await mill.keepHistory(mvp.id, 'milestone-failed-after-retries');
  });

  test('takes those with it that need it, and the report tells what was tried', async () => {
    expect(await run.status()).toMatchObject({
      milestones: [
        { id: 'mvp', state: 'failed', reason: expect.stringContaining('failed_after_retries') },
        { id: 'v1', state: 'blocked', reason: 'blocked: it needs mvp, which was not delivered' },
      ],
    });
    expect(run.calls({ milestone: 'v1' })).toEqual([]);
    const report = reportOf(run);
    expect(report).toMatchObject({ summary: '0 of 2 milestones merged', prototype: null });
    expect(report.results[0]!.attempts.map(({ feedback }) => feedback)).toEqual(
      [1, 2, 3, 4].map((iteration) => `Still no fractions, ${iteration}.`),
    );
    const page = run.fromLedger('report/FinalReport.md', 'project');
    expect(page).toMatch(
      /^\| mvp \| 4 \| 3\.1 \| 1 \| 4 \| 4 \| 4 \| 4 \| the mean .* \| Still no fractions, 4\. \|$/m,
    );
    expect(page).toMatch(/^- mvp is not merged: failed: evaluate \(failed_after_retries\)/m);
    expect(page).toMatch(/^## Roadmap of the next iteration\n\n- deliver mvp: The mvp\n- deliver v1: The v1$/m);
  });
});

describe('milestone does what a person answers', () => {
  test('to an escalation: guide goes on with the words, and to an approval: request-changes goes to the implementer', async () => {
    const run = await alone({
      specify: byRound(specification({ confidence: 0.3, summary: 'which numbers?' }), specification()),
      implement: byRound(change(code('add')), change(code('add', 'b + a'))),
      evaluate: () => evaluation(),
    });
    await run.untilItWaitsFor('guidance');
    await run.say('guide', { by: 'ada', note: 'Whole numbers.' });
    const { subject } = await run.untilItWaitsFor('approval');
    expect(run.prompt('specify', 2)).toContain('Whole numbers.');
    await run.say('requestChanges', { subject, by: 'ada', note: 'The other way round.' });
    await run.approve({ not: subject });
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('implement', 2)).toMatch(/title="feedback from approve">[^]*The other way round\./);
    expect(run.calls({ stage: 'specify' })).toHaveLength(2);
  });

  test.each([
    ['skip leaves the whole milestone out, for what is merged depends on every stage', 'skip', 'skipped'],
    ['abandon ends it', 'abandon', 'abandoned'],
  ] as const)('%s', async (_, answer, outcome) => {
    const run = await alone({ design: [architecture({ confidence: 0.3 })] });
    await run.untilItWaitsFor('guidance');
    await run.say(answer, { by: 'ada', note: 'not now' });
    expect(await run.result()).toMatchObject({ outcome, reason: `${outcome} by ada: not now` });
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
