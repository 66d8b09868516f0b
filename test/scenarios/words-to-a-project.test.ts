// What is said to a project is passed on to the milestone that it is for; not what can count for nothing, and not without end.
import { change, code, deployment, plan, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import { useMill } from './mill';

// More than it passes on at once.
const WORDS = 150;

const mill = useMill({ definitions: small });
const started = () =>
  mill.project(
    {
      project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] },
      add: { implement: [change(code('add'))], tests: [suite(testing('add'))] },
    },
    { pipeline: 'quick', approvers: ['ada'] },
  );

test('a word by nobody who may decide stays with the project, and so does what is too much at once', async () => {
  const run = await started();
  const milestone = mill.milestoneOf(run, 'add');
  const { subject } = await milestone.untilItWaitsFor('approval');
  const hopeless = await run.answered(() => run.say('approve', { subject, by: 'mallory' }));
  expect(hopeless).toMatchObject({ accepted: false, reason: expect.stringMatching(/^mallory is not one of those/) });
  expect(await milestone.decisions()).toEqual([]);

  await mill.whileAway('workflows', async () => {
    const said = Array.from(
      { length: WORDS },
      (_, at) => () => run.say('guide', { by: 'ada', milestone: 'add', note: `${at}` }),
    );
    for (const say of said) await say();
  });
  const reasons = async () =>
    (await run.decisions()).map(({ reason }) => reason).filter((reason) => /too much/.test(reason));
  await run.until(({ decisions }) => decisions.refused > 1, 'words that are too much');
  expect((await reasons())[0]).toBe(`too much has been said to the project: say it to ${run.id}/add itself`);
  expect((await milestone.decisions()).length).toBeLessThan(WORDS);

  await milestone.say('approve', { subject, by: 'ada' });
  expect(await run.result()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
  await mill.keepHistory(run.id, 'project-told-too-much-at-once');
});
