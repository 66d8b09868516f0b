// Work whose tests do not hold goes back to the one who can mend it, and to nobody else; where it is not mended, a person is asked.
import { change, code, suite, test as testing } from './answers';
import { small } from './definitions';
import type { Script } from './script';
import { useMill } from './mill';

const mill = useMill({ definitions: small });

const wrong = change(code('add', 'a - b'));
const right = change(code('add', 'a + b'));
const tests = suite(testing('add'));
const quick = (script: Script) =>
  mill.milestone({ implement: [right], tests: [tests], ...script }, { pipeline: 'quick' });

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
    expect(detail).toMatch(/^verify \(unchanged-failure\): the same again: fails: /);
  });

  test('ask a person at the cap, who finds it in the inbox; told what to do, it goes on with all its rounds', async () => {
    const wrongs = ['a - b', 'a * b', 'a', 'b'].map((body) => change(code('add', body)));
    const run = await quick({ implement: [...wrongs, right] });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^verify \(cap\): sent back 2 times, and still: fails: /);
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

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
