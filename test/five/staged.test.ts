// staged: understand → plan → code → test → review, one straight line; and a pipeline of pipelines around it.
import { bare } from '../adapters/git/ground';
import {
  architecture,
  change,
  code,
  deployment,
  issue,
  longer,
  review,
  suite,
  test as testing,
  understanding,
} from '../scenarios/answers';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';
import { byRound, type Script } from '../scenarios/script';
import { filePlan } from './artifacts';

const mill = useMill();

const one = { adding: ['src/add.js'] };
const script = (more: Script = {}): Script => ({
  understand: [understanding({ goal: 'the sum of two numbers' })],
  plan: [filePlan(one)],
  cases: [suite(testing('add'))],
  code: [change(longer(code('add')))],
  review: [review()],
  ...more,
});
const start = (more: Script = {}) => mill.milestone(script(more), { pipeline: 'staged' });
const asked = (run: Delivery) => run.calls().map(({ stage, iteration }) => `${stage} ${iteration}`);
const merged = async (run: Delivery) => {
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
};
const materials = (run: Delivery, stage: string, milestone?: string) =>
  [...run.prompt(stage, 1, milestone).matchAll(/<data-\w+ title="([^"]+)">/g)].map(([, title]) => title);

describe('staged', () => {
  test('goes one straight line, the test without a model, and leaves a transcript that reads from top to bottom', async () => {
    const run = await start();
    await merged(run);
    expect(asked(run)).toEqual(['understand 1', 'plan 1', 'cases 1', 'code 1', 'review 1']);
    const { stages } = await run.status();
    const order = stages.map(({ startedAt }) => startedAt!);
    expect([...order].sort()).toEqual(order);
    expect(stages.find(({ name }) => name === 'test')).toMatchObject({ kind: 'check', usage: { calls: 0 } });
    await mill.keepHistory(run.id, 'staged-merged');

    const transcript = run.fromLedger('transcript.md');
    expect(transcript).toMatch(/^# .+\n\nSums, please\.\n/);
    expect([...transcript.matchAll(/^## (\w+), round (\d)$/gm)].map(([, stage, round]) => `${stage} ${round}`)).toEqual(
      [...['understand 1', 'plan 1', 'cases 1', 'code 1', 'test 1', 'review 1', 'approve 1', 'merge 1']],
    );
    expect(transcript).toContain('the sum of two numbers');
    expect(transcript).toContain('src/add.js');
  });

  test('hands each stage exactly the artifacts that it declares, and nothing else', async () => {
    const run = await start();
    await merged(run);
    expect(materials(run, 'understand')).toEqual(['request', 'milestone', 'repository']);
    expect(materials(run, 'plan')).toEqual(['repository', 'understand']);
    expect(materials(run, 'cases')).toEqual(['repository', 'understand', 'plan']);
    expect(materials(run, 'code')).toEqual(['repository', 'plan']);
    expect(materials(run, 'review')).toEqual(['candidate', 'plan', 'code', 'test']);
    expect(run.prompt('code')).not.toContain('the sum of two numbers');
    expect(run.prompt('code')).not.toContain('add of 2 and 3');
    expect(run.prompt('review')).not.toContain('Sums, please.');
  });

  test('has a reviewer of another family, who can only read', async () => {
    const run = await start();
    await merged(run);
    const facts = (stage: string) =>
      JSON.parse(run.fromLedger(`stages/${stage}/1/handoff.json`)).facts as { family: string };
    expect(facts('review').family).not.toBe(facts('code').family);
    expect(run.calls({ stage: 'review' })[0]!.tools).toEqual(['list', 'read', 'search']);
  });

  test('leaves a trivial change without a review, and says why', async () => {
    const run = await start({ code: [change(code('add'))], review: [] });
    await merged(run);
    expect((await run.status()).stages.find(({ name }) => name === 'review')).toMatchObject({
      ...{ state: 'skipped', summary: 'code.lines > 10' },
    });
    expect(run.git('log', '-1', '--format=%B', 'main')).toContain('code.lines');
  });

  test('sends what the review rejects back to the coder, as often as its cap', async () => {
    const rejecting = ({ iteration }: { iteration: number }) =>
      review({ verdict: 'needs_revision', issues: [issue('major', `wrong ${iteration}`)] });
    const again = ({ iteration }: { iteration: number }) =>
      change(longer(code('add', `a + b + ${iteration} - ${iteration}`)));
    const run = await start({ review: rejecting, code: again });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^review \(cap\): sent back 3 times/);
    expect(run.prompt('code', 4)).toContain('wrong 3');
    expect(run.calls({ stage: 'plan' })).toHaveLength(1);
  });

  test('does what a person answers: guide and request-changes go to the coder, and the rounds start again', async () => {
    const run = await start({
      code: ({ iteration }) => change(longer(code('add', `a + b + ${iteration} - ${iteration}`))),
      review: ({ iteration }) =>
        iteration <= 5
          ? review({ verdict: 'needs_revision', issues: [issue('major', `wrong ${iteration}`)] })
          : review(),
    });
    await run.untilItWaitsFor('guidance');
    await run.answered(() => run.say('guide', { by: 'ada', note: 'Without the rounds.' }));
    await run.until(({ waitingFor }) => waitingFor?.for === 'approval');
    expect(run.prompt('code', 5)).toContain('Without the rounds.');
    expect(run.prompt('code', 6)).toContain('wrong 5');
    const { subject } = await run.untilItWaitsFor('approval');
    await run.say('requestChanges', { subject, by: 'ada', note: 'Say why.' });
    await run.approve({ not: subject });
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('code', 7)).toMatch(/feedback from approve[^]*Say why\./);
  });

  describe('does with a stage that fails what the graph says of this kind of failure:', () => {
    test('an answer that cannot be used is tried again', async () => {
      const run = await start({
        plan: ({ iteration }) => (iteration === 1 ? { json: { summary: 'no plan' } } : filePlan(one)),
      });
      await merged(run);
      expect(run.calls({ stage: 'plan' }).map(({ iteration, turn }) => `${iteration}.${turn}`)).toEqual([
        ...['1.1', '1.2', '1.3', '2.1'],
      ]);
    });

    test('a coder who is not sure has it planned again by the stage before', async () => {
      const run = await start({
        plan: byRound(filePlan(one), filePlan(one, { architecture_notes: ['now it is clear'] })),
        cases: () => suite(testing('add')),
        code: ({ iteration }) =>
          change(longer(code('add')), iteration === 1 ? { confidence: 0.2, summary: 'which one?' } : {}),
      });
      await merged(run);
      expect(run.prompt('plan', 2)).toMatch(/feedback from code[^]*confidence 0\.2 is under 0\.6: which one\?/);
      expect(run.prompt('code', 2)).toContain('now it is clear');
      expect(run.calls({ stage: 'understand' })).toHaveLength(1);
    });

    test('a plan that misses its success is made again, with what was seen', async () => {
      const run = await start({ plan: byRound(filePlan({}), filePlan(one)) });
      await merged(run);
      expect(run.prompt('plan', 2)).toContain('"plan.files > 0" does not hold: {"plan.files":0}');
    });

    test('a refusal ends it', async () => {
      const run = await start({ code: [{ refusal: 'I would rather not.' }] });
      const result = await run.result<{ outcome: string; reason: string }>();
      expect(result.outcome).toBe('failed');
      expect(result.reason).toMatch(/^code \(refusal\): .*I would rather not/);
      expect(run.git('rev-list', '--count', 'main')).toBe('1');
    });
  });
});

describe('design-build-deploy', () => {
  test('runs staged as a child workflow, which gets the design and no more, and plans the deployment of what was merged', async () => {
    const run = await mill.project(
      {
        project: { design: [architecture({ summary: 'one module' })], deploy: [deployment()] },
        implement: script(),
      },
      { pipeline: 'design-build-deploy', repository: bare({ 'README.md': '# Sums\n' }) },
    );
    const child = mill.milestoneOf(run, 'implement');
    await child.approve();
    expect(await run.result()).toMatchObject({
      outcome: 'complete',
      milestones: [{ id: 'implement', state: 'merged' }],
    });
    expect(materials(run, 'understand', 'implement')).toEqual(['request', 'milestone', 'repository']);
    expect(run.prompt('understand', 1, 'implement')).toContain('one module');
    expect(run.prompt('code', 1, 'implement')).not.toContain('one module');
    expect((await child.handle.describe()).raw.workflowExecutionInfo?.parentExecution?.workflowId).toBe(run.id);
    expect(run.calls().map(({ stage }) => stage)).toEqual([
      ...['design', 'understand', 'plan', 'cases', 'code', 'review', 'deploy'],
    ]);
    await mill.keepHistory(run.id, 'design-build-deploy-complete');
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
