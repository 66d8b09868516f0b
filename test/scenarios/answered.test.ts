// What a person answers where an agent is not sure, in each of the five pipelines.
import type { ScriptedAnswer } from '../../scripts/scripted-model/server';
import { decomposition, filePlan, taskPlan } from '../five/artifacts';
import { specification, understanding } from './answers';
import type { Delivery } from './delivery';
import { useMill } from './mill';

const mill = useMill();

type More = { confidence: number; summary: string };
const task = { files: ['src/add.js'], criterion: 'two numbers are added' };
const subtasks = {
  adding: ['generate', 'src/add.js'],
  testing: ['test', 'test/add.test.js'],
  looking: ['review', 'src/add.js'],
} as const;

/** By pipeline: its first stage, and what is answered there. */
const first: [string, string, (more: More) => ScriptedAnswer][] = [
  ['five-agents', 'plan', (more) => filePlan({ adding: ['src/add.js'] }, more)],
  ['roles', 'plan', (more) => taskPlan({ adding: task }, more)],
  ['staged', 'understand', understanding],
  ['milestone', 'specify', specification],
  ['factory', 'decompose', (more) => decomposition(subtasks, more)],
];

/** Until a person is asked about this round of it. */
const asked = (run: Delivery, stage: string, round: number) =>
  run.until(
    ({ waitingFor, stages }) =>
      waitingFor?.for === 'guidance' && stages.find(({ name }) => name === stage)!.iteration === round,
    `guidance about round ${round}`,
  );

describe.each(first)('in %s', (pipeline, stage, answer) => {
  const unsure = () => answer({ confidence: 0.3, summary: 'which numbers?' });
  const start = () => mill.milestone({ [stage]: unsure }, { pipeline });

  test('guide is heard with the earlier work, and skip leaves the milestone out', async () => {
    const run = await start();
    const { waitingFor } = await asked(run, stage, 1);
    expect(waitingFor!.detail).toBe(`${stage} (low-confidence): confidence 0.3 is under 0.6: which numbers?`);
    await run.say('guide', { by: 'ada', note: 'Whole numbers.' });
    await asked(run, stage, 2);
    expect(run.prompt(stage, 2)).toMatch(
      /title="your previous work">[^]*title="feedback from ada">[^]*Whole numbers\./,
    );
    await run.say('skip', { by: 'ada', note: 'not now' });
    expect(await run.result()).toMatchObject({ outcome: 'skipped', reason: 'skipped by ada: not now' });
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
  });

  test('abandon ends it', async () => {
    const run = await start();
    await asked(run, stage, 1);
    await run.say('abandon', { by: 'ada', note: 'enough' });
    expect(await run.result()).toMatchObject({ outcome: 'abandoned', reason: 'abandoned by ada: enough' });
  });
});
