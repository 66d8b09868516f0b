// five-agents: Planner → Coder → Reviewer → Tester → Deployer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sound } from '../adapters/git/ground';
import { change, code, issue, review, suite, test as testing } from '../scenarios/answers';
import type { Delivery } from '../scenarios/delivery';
import { Meeting } from '../scenarios/meeting';
import { useMill } from '../scenarios/mill';
import type { Script } from '../scenarios/script';
import { deployment, filePlan } from './artifacts';

const shipped = readFileSync(join(__dirname, '../../pipelines/five-agents.yaml'), 'utf8');
const strictReviewer = `role: reviews without mercy
model: [frontier-b]
writes: Review
`;
const mill = useMill({
  definitions: {
    // One line of the shipped pipeline is another: who reviews.
    'pipelines/replaced.yaml': shipped
      .replace('name: five-agents', 'name: replaced')
      .replace('agent: reviewer\n', 'agent: strict-reviewer\n'),
    'agents/strict-reviewer/agent.yaml': strictReviewer,
    'agents/strict-reviewer/prompt.md': 'You show no mercy.\n',
  },
});

const two = { adding: ['src/add.js'], taking: ['src/take.js'] };
const written = { adding: code('add'), taking: code('take', 'a - b') };
const cases = { ...testing('add'), ...testing('take', -1) };

/** Nothing goes wrong, but for the stages that say otherwise. */
const script = (more: Script = {}): Script => ({
  plan: [filePlan(two)],
  code: ({ part }) => change(part === undefined ? { ...written.adding, ...written.taking } : written[part as 'adding']),
  cases: [suite(cases)],
  review: () => review(),
  deploy: [deployment()],
  inspect: [review()],
  ...more,
});
const start = (more: Script = {}, pipeline = 'five-agents') => mill.milestone(script(more), { pipeline });
const asked = (run: Delivery) =>
  run.calls().map(({ stage, part, iteration }) => `${stage}${part === undefined ? '' : ` ${part}`} ${iteration}`);
const needsRevision = (description: string) =>
  review({ verdict: 'needs_revision', issues: [issue('critical', description)], score: 0.2 });

describe('five-agents', () => {
  test('codes and reviews independent files side by side, joins them into one candidate, and merges it with its deployment', async () => {
    const meeting = new Meeting(2);
    const run = await start({
      code: async ({ part }) => {
        await meeting.attend();
        return change(written[part as 'adding']);
      },
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });

    expect(asked(run).sort()).toEqual(
      [
        'plan 1',
        'code adding 1',
        'code taking 1',
        'cases 1',
        'review adding 1',
        'review taking 1',
        'deploy 1',
        'inspect 1',
      ].sort(),
    );
    expect(meeting.most).toBe(2);
    const [adding] = run.calls({ stage: 'review' }).filter(({ part }) => part === 'adding');
    const seen = JSON.stringify(adding!.messages);
    expect(seen).toContain('exports.add');
    expect(seen).not.toContain('exports.take');
    expect(run.onMain('src/add.js') + run.onMain('src/take.js')).toMatch(/add.*take/s);
    expect(run.prompt('deploy')).toMatch(/title="repository">[^]*--- src\/add\.js\nexports\.add/);
    expect(run.onMain('Dockerfile')).toContain('FROM node:20-slim');
    expect(run.onMain('deploy/compose.yaml')).toBe('services: {}');
    expect(run.onMain('deploy/README.md')).toMatch(/1\. docker build \.[^]*`PORT` \| no \|/);
    expect(run.git('rev-list', '--count', '--merges', 'main')).toBe('1');
    expect(sound(run.repository)).toBe('');
    await mill.keepHistory(run.id, 'five-agents-merged');
  });

  test('deploys only after the tests have passed', async () => {
    let stages: Record<string, string> = {};
    const run = await start({
      deploy: async () => {
        const { stages: now } = await run.status();
        stages = Object.fromEntries(now.map(({ name, state }) => [name, state]));
        return deployment();
      },
    });
    await run.approve();
    await run.result();
    expect(stages).toMatchObject({ test: 'done', deploy: 'running', release: 'waiting' });
  });

  test('sends what needs revision back to the coder with the feedback, and counts the revisions', async () => {
    const run = await start({
      review: ({ iteration, part }) =>
        iteration <= 2 && part === 'taking' ? needsRevision(`the sign is lost, ${iteration}`) : review(),
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('code', 2)).toMatch(/feedback from review[^]*the sign is lost, 1/);
    expect(run.prompt('code', 2)).toContain('your previous work');
    expect(run.prompt('code', 3)).toContain('the sign is lost, 2');
    const revision = (round: number) => JSON.parse(run.fromLedger(`stages/code/${round}/Change.json`)).revision_number;
    expect([revision(1), revision(2), revision(3)]).toEqual([0, 1, 2]);
  });

  test('at the cap of three revisions logs it, alerts a person, halts with the feedback, and merges nothing', async () => {
    const run = await start({ review: ({ iteration }) => needsRevision(`still wrong, ${iteration}`) });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^review \(cap\): sent back 3 times, and still: /);
    const line = { level: 'WARN', message: 'a person is needed', meta: { workflowId: run.id, detail } };
    expect(mill.logged).toContainEqual(expect.objectContaining({ ...line, meta: expect.objectContaining(line.meta) }));
    expect(await mill.inbox('guidance', run.id)).toContain(run.id);
    expect(run.calls({ stage: 'code' }).map(({ iteration }) => iteration)).toEqual([1, 1, 2, 3, 4]);
    expect(run.calls({ stage: 'deploy' })).toEqual([]);
    expect(run.fromLedger('stages/review/4/Review.md')).toContain('still wrong, 4');
    await run.say('abandon', { by: 'ada' });
    expect(await run.result()).toMatchObject({ outcome: 'abandoned' });
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
  });

  test('does what a person answers: guide and request-changes go to the coder, and the rounds start again', async () => {
    const run = await start({
      code: ({ part, iteration }) =>
        part === undefined
          ? change({ ...written.adding, ...written.taking, 'docs/why.md': `${iteration}\n` })
          : change(written[part as 'adding']),
      review: ({ iteration }) => (iteration <= 5 ? needsRevision(`still wrong, ${iteration}`) : review()),
      deploy: () => deployment(),
      inspect: () => review(),
    });
    await run.untilItWaitsFor('guidance');
    await run.answered(() => run.say('guide', { by: 'ada', note: 'Keep the sign.' }));
    await run.until(({ waitingFor }) => waitingFor?.for === 'approval');
    expect(run.prompt('code', 5)).toMatch(/feedback from ada[^]*still wrong, 4[^]*Keep the sign\./);
    expect(run.prompt('code', 6)).toContain('still wrong, 5');
    const { subject } = await run.untilItWaitsFor('approval');
    await run.say('requestChanges', { subject, by: 'ada', note: 'Say why.' });
    await run.approve({ not: subject });
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('code', 7)).toMatch(/feedback from approve[^]*Say why\./);
    expect(run.calls({ stage: 'cases' })).toHaveLength(1);
  });

  test('stops with the details where tests fail: nothing is deployed, nothing is merged', async () => {
    const run = await start({ cases: [suite({ ...testing('add', 6), ...testing('take', -1) })] });
    const result = await run.result<{ outcome: string; reason: string }>();
    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(
      /^test \(failing\): fails: test\/add\.test\.js > add of 2 and 3 — .*(5 !== 6|strictly equal)/,
    );
    expect(run.calls({ stage: 'deploy' })).toEqual([]);
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
    await mill.keepHistory(run.id, 'five-agents-failed');
  });

  test('gives the reviewer no tool that writes or deploys, and nobody else either', async () => {
    const run = await start();
    await run.approve();
    await run.result();
    const tools = new Set(run.calls().flatMap((call) => call.tools));
    expect([...tools].sort()).toEqual(['list', 'read', 'search']);
  });

  test('has one agent replaced by one line of YAML', async () => {
    const run = await start({}, 'replaced');
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(new Set(run.calls({ stage: 'review' }).map(({ agent }) => agent))).toEqual(new Set(['strict-reviewer']));
    expect(run.prompt('review')).toContain('You show no mercy.');
    expect(run.prompt('inspect')).not.toContain('You show no mercy.');
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
