// Work that is not good enough goes back to the one who can mend it, and to nobody else; where it cannot be mended, a person is asked.
import { change, code, evaluation, issue, review, specification, suite, test as testing } from './answers';
import { small } from './definitions';
import type { Script } from './script';
import { useMill } from './mill';

const mill = useMill({ definitions: small });

const wrong = change(code('add', 'a - b'));
const right = change(code('add', 'a + b'));
const tests = suite(testing('add'));
const quick = (script: Script) =>
  mill.milestone({ implement: [right], tests: [tests], ...script }, { pipeline: 'quick' });
const judged = (script: Script) =>
  mill.milestone(
    { implement: [right], tests: [tests], review: [review()], evaluate: [evaluation()], ...script },
    { pipeline: 'judged' },
  );

describe('failing tests', () => {
  test('go back to the implementer, with the failure and its own previous work', async () => {
    const run = await quick({ implement: [wrong, right] });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });

    const told = run.prompt('implement', 2);
    expect(told).toContain('title="feedback from verify"');
    expect(told).toContain('add of 2 and 3');
    expect(told).toContain('-1 !== 5');
    expect(told).toContain('title="your previous work, as a diff against the base"');
    expect(told).toContain('+exports.add = (a, b) => a - b;');
    expect(run.prompt('implement', 1)).not.toContain('title="feedback');
    expect(run.calls({ stage: 'tests' })).toHaveLength(1);
    expect(run.onMain('src/add.js')).toContain('a + b');
    await mill.keepHistory(run.id, 'milestone-merged-after-rework');
  });

  test('ask a person when the same failure comes back unchanged, before the rounds are used up', async () => {
    const still = change({ ...code('add', 'a - b'), 'src/else.js': '// something else was changed\n' });
    const run = await quick({ implement: [wrong, still] });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^verify \(unchanged-failure\): the same again: failing: /);
  });

  test('ask a person at the cap, who finds it in the inbox; told what to do, it goes on with all its rounds', async () => {
    const wrongs = ['a - b', 'a * b', 'a', 'b'].map((body) => change(code('add', body)));
    const run = await quick({ implement: [...wrongs, right] });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^verify \(cap\): sent back 2 times, and still: failing: /);
    expect(run.calls({ stage: 'implement' })).toHaveLength(3);
    expect(await mill.inbox('guidance', run.id)).toContain(run.id);

    await run.say('guide', { by: 'ada', note: 'Addition is written with a plus.' });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    const told = run.prompt('implement', 4);
    expect(told).toContain('title="feedback from ada"');
    expect(told).toContain('Addition is written with a plus.');
    expect(told).toContain('2 !== 5');
    expect(run.calls({ stage: 'implement' })).toHaveLength(5);
  });
});

describe('tests that prove nothing go to the tester, and the code is kept:', () => {
  const [[path, sound]] = Object.entries(testing('add')) as [[string, string]];
  const always = sound.replace("require('../src/add').add(2, 3)", '5');

  test.each([
    ['they pass before the change', always, 'passes before the change'],
    ['they do not parse', `${sound}test('`, 'does not load'],
    ['they are skipped', testing('add', 5, 'test.skip')[path]!, 'is skipped'],
    ['there are none in the file', 'exports.nothing = 0;\n', 'reported no tests'],
  ])('%s', async (_, weak, objection) => {
    const run = await quick({ tests: [suite({ [path]: weak }), tests] });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.calls({ stage: 'implement' })).toHaveLength(1);
    expect(run.prompt('tests', 2)).toContain(objection);
    expect(run.prompt('tests', 2)).toContain('title="feedback from verify"');
    expect(run.onMain(path)).toBe(sound.trim());
  });
});

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

  test('of the first round counts for nothing in the second: what comes after the code is done again', async () => {
    const run = await judged({
      implement: [right, change(code('add', 'b + a'))],
      review: [review({ verdict: 'needs_revision', score: 0.2 }), review()],
      evaluate: [evaluation(), evaluation()],
    });
    const first = (await run.until(({ candidate }) => candidate !== undefined)).candidate!;
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
