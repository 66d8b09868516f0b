// What models judge is read by arithmetic, and an agent that is not sure of its work asks a person.
import {
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
} from './answers';
import { small } from './definitions';
import { door } from './door';
import { useMill } from './mill';
import { byRound, type Script } from './script';

const mill = useMill({ definitions: small });

const right = change(code('add', 'a + b'));
const tests = suite(testing('add'));
const judged = (script: Script) =>
  mill.milestone(
    { implement: [right], tests: [tests], review: [review()], evaluate: [evaluation()], ...script },
    { pipeline: 'judged' },
  );

describe('a judgement', () => {
  test('with a critical issue sends the work back, even where its verdict is "passed"', async () => {
    const found = review({ verdict: 'passed', issues: [issue('critical', 'It adds strings, too.')], score: 1 });
    const run = await judged({
      implement: [right, change(code('add', 'Number(a) + Number(b)'))],
      review: [found, review()],
      evaluate: [evaluation(), evaluation()],
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    const told = run.prompt('implement', 2);
    expect(told).toContain('title="feedback from review"');
    expect(told).toContain('It adds strings, too.');
    expect(run.onMain('src/add.js')).toContain('Number(a)');
  });

  test.each([
    ['one dimension is under 2', evaluation({ security: 1 }, 'Excellent, ship it!'), 'security 1 is under 2'],
    ['the weighted mean is under 3.5', evaluation({ correctness: 2 }, 'Excellent!'), 'the mean 3.4 is under 3.5'],
  ])('is arithmetic, whatever the model says: %s', async (_, low, why) => {
    const run = await judged({
      implement: [right, change(code('add', 'b + a'))],
      review: [review(), review()],
      evaluate: [low, evaluation()],
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('implement', 2)).toContain('title="feedback from evaluate"');
    expect(run.prompt('implement', 2)).toContain(why);
  });

  test('that sends the work back ends what the other judge waits for, and the project hears that as well', async () => {
    const locked = { status: 401, body: { error: { message: 'bad key', code: 'invalid_api_key' } } };
    const [seen, checked] = [door(), door()];
    const [again, approved] = [change(code('add', 'b + a')), byRound(review({ verdict: 'needs_revision' }), review())];
    const add: Script = {
      tests: [tests],
      implement: (call) => (call.iteration === 1 ? right : checked.opened.then(() => again)),
      review: (call) => seen.opened.then(() => approved(call)),
      evaluate: byRound(locked, evaluation()),
    };
    const project = { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] };
    const run = await mill.project({ project, add }, { pipeline: 'judged' });
    const waiting = (what?: string) =>
      run.until(({ milestones: [one] }) => one !== undefined && one.waitingFor?.for === what, `waiting for ${what}`);
    await waiting('credentials');
    seen.open();
    await mill.milestoneOf(run, 'add').until(({ stages }) => stages.some(({ iteration }) => iteration === 2));
    await waiting();
    checked.open();
    expect(await run.delivered()).toMatchObject({ outcome: 'complete' });
  });

  test('of the first round counts for nothing in the second: what comes after the code is done again', async () => {
    const seen = door();
    const reviews = byRound(review({ verdict: 'needs_revision', score: 0.2 }), review());
    const run = await judged({
      implement: [right, change(code('add', 'b + a'))],
      review: (call) => seen.opened.then(() => reviews(call)),
      evaluate: [evaluation(), evaluation()],
    });
    const first = (await run.until(({ candidate }) => candidate !== undefined)).candidate!;
    seen.open();
    const { subject } = await run.untilItWaitsFor('approval');
    expect(subject).not.toBe(first);
    expect(
      run
        .calls({ stage: 'evaluate' })
        .map(({ iteration }) => iteration)
        .sort(),
    ).toEqual([1, 2]);
    await run.approve();
    const { commit } = await run.result<{ commit: string }>();
    const receipt = JSON.parse(run.fromLedger('stages/merge/1/receipt.json'));
    expect(receipt.commit).toBe(commit);
    expect(receipt.evidence.reviews.review.candidate).toBe(subject);
    expect(receipt.evidence.evaluations.evaluate.candidate).toBe(subject);
  });
});

describe('an agent that is not sure', () => {
  const unsure = specification({ confidence: 0.3, summary: 'I cannot tell what is wanted' });
  const solo = (script: Script) => mill.milestone(script, { pipeline: 'solo' });

  test('asks a person, and is asked again with the words of that person', async () => {
    const run = await solo({ specify: [unsure, specification()] });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toBe('specify (low-confidence): confidence 0.3 is under 0.6: I cannot tell what is wanted');
    await run.say('guide', { by: 'ada', note: 'Whole numbers only.' });
    expect(await run.result()).toEqual({ outcome: 'complete' });
    expect(run.prompt('specify', 2)).toContain('Whole numbers only.');
    expect(run.prompt('specify', 2)).toContain('title="your previous work"');
    await mill.keepHistory(run.id, 'milestone-escalated-and-guided');
  });

  test('can be given up, which ends the run with the reason', async () => {
    const run = await solo({ specify: [unsure] });
    await run.untilItWaitsFor('guidance');
    await run.say('abandon', { by: 'ada', note: 'not worth it' });
    expect(await run.result()).toEqual({ outcome: 'abandoned', reason: 'abandoned by ada: not worth it' });
    expect(await run.status()).toMatchObject({ state: 'abandoned', reason: 'abandoned by ada: not worth it' });
    await mill.keepHistory(run.id, 'milestone-abandoned');
  });

  test('can be left out where nothing that is merged depends on it', async () => {
    const run = await solo({ specify: [unsure] });
    await run.untilItWaitsFor('guidance');
    await run.say('skip', { by: 'ada' });
    expect(await run.result()).toEqual({ outcome: 'complete' });
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
