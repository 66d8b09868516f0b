// factory: an orchestrator decomposes; routine roles run on a local model; a person gets what is not sure; a restart does what is pending.
import { dirname, relative } from 'node:path';
import type { LoggedCall } from '../../scripts/scripted-model/server';
import { freePorts } from '../../scripts/stack/ports';
import type { FinalReport } from '../../src/domain/artifacts/final-report';
import {
  change,
  code,
  deployment,
  issue,
  plan,
  review,
  suite,
  test as testing,
  understanding,
} from '../scenarios/answers';
import type { Delivery } from '../scenarios/delivery';
import { startForge, type FakeForge } from '../scenarios/forge';
import { serve } from '../adapters/git/daemon';
import { bare, git } from '../adapters/git/ground';
import { useMill } from '../scenarios/mill';
import type { Script } from '../scenarios/script';
import { decomposition } from './artifacts';

const subtasks = {
  adding: ['generate', 'src/add.js'],
  taking: ['generate', 'src/take.js'],
  'test-both': ['test', 'test/add.test.js', 'test/take.test.js'],
  'review-both': ['review', 'src/add.js', 'src/take.js'],
} as const;
const written = { adding: code('add'), taking: code('take', 'a - b') };

const both = { ...testing('add'), ...testing('take', -1) };
/** Told of, and not lived through: a limit that is short enough to wait for would end other calls on a busy machine. */
const late = { status: 504 };
const limited = { status: 429, headers: { 'retry-after-ms': '50' } };

const model = (name: string, variable: string, more: string) =>
  `  ${name}: { endpoint: '\${${variable}}', key: OPENAI_API_KEY, model: scripted, ${more} }`;
const models = [
  'models:',
  model('frontier-a', 'OPENAI_BASE_URL', 'family: scripted-a'),
  model('frontier-b', 'OPENAI_BASE_URL', 'family: scripted-b'),
  model('local', 'LOCAL_BASE_URL', 'family: scripted-a'),
];

let forge: FakeForge;
beforeAll(async () => (forge = await startForge()));
afterAll(() => forge.close());
const mill = useMill({
  definitions: { 'models.yaml': models.join('\n') },
  local: true,
  forge: () => ({ host: '127.0.0.1', api: forge.api, token: 'secret-token' }),
});

const script = (more: Script = {}): Script => ({
  decompose: [decomposition(subtasks)],
  generate: ({ part, iteration }) =>
    change(iteration === 1 ? written[part as 'adding'] : { 'src/why.md': 'because\n' }),
  cases: () => suite(both),
  review: () => review(),
  ...more,
});
const start = (more: Script = {}, request: object = {}) =>
  mill.milestone(script(more), { pipeline: 'factory', ...request });
const asked = (run: Delivery) =>
  run.calls().map(({ stage, part }) => (part === undefined ? stage : `${stage} ${part}`));
const guidance = async (run: Delivery) => (await run.untilItWaitsFor('guidance')).detail;
/** They are brought up to date beside the run. */
const notes = async (run: Delivery, saying: string) => {
  const isSaid = () => run.ledger().includes('board.md') && run.fromLedger('board.md').includes(saying);
  await run.until(isSaid, `notes that say ${saying}`);
  return run.fromLedger('board.md');
};
const json = (run: Delivery, path: string) => JSON.parse(run.fromLedger(path)) as Record<string, unknown>;

describe('factory', () => {
  let run: Delivery;
  let subject: string;
  beforeAll(async () => {
    run = await start();
    subject = (await run.untilItWaitsFor('approval')).subject!;
  });

  test('decomposes a task into typed subtasks, each done by the role of its type', () => {
    expect(asked(run).sort()).toEqual(['cases', 'decompose', 'generate adding', 'generate taking', 'review']);
  });

  test('gives each role the tools it needs and no more', () => {
    const tools = (stage: string) => run.calls({ stage })[0]!.tools;
    expect([tools('decompose'), tools('review')]).toEqual(Array(2).fill(['list', 'read', 'search']));
    expect([tools('generate'), tools('cases')]).toEqual(Array(2).fill(['list', 'read']));
  });

  test('runs routine roles on the local model, decomposition and final review on a frontier one, each endpoint seeing only its own calls', () => {
    const heardBy = ({ calls }: { calls: readonly LoggedCall[] }) =>
      [...new Set(calls.map(({ stage }) => stage))].sort();
    expect(mill.local.url).not.toBe(mill.model.url);
    expect(heardBy(mill.local)).toEqual(['cases', 'generate']);
    expect(heardBy(mill.model)).toEqual(['decompose', 'review']);
  });

  test('keeps its notes as plain files in the ledger, and the trace of every result', async () => {
    const page = await notes(run, '| review | done |');
    expect(page).toMatch(/\| generate \| done \| 1 \|/);
    expect(page).toMatch(/\| merge \| pending \| 0 \|/);
    expect(json(run, 'board.json')).toMatchObject({
      task_id: `${run.id}/milestone`,
      fields: { subtasks: { summary: 'as asked' } },
    });
    const result = json(run, 'stages/generate/1-adding/handoff.json');
    expect(result).toMatchObject({
      ...{ status: 'ok', confidence: 0.9, trace: 'stages/generate/1-adding/transcript.md' },
      artifact: { kind: 'Change', path: 'stages/generate/1-adding/Change.json' },
    });
    expect(run.fromLedger(result.trace as string)).toContain('src/add.js');
  });

  test('proposes the change on a branch, and merges it through the gate when a person says so', async () => {
    expect(run.git('rev-parse', `refs/heads/millwright/${run.id}/milestone`)).toBe(subject);
    expect(run.git('rev-list', '--count', 'main')).toBe('1');
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: subject, approvedBy: 'ada' });
    await mill.keepHistory(run.id, 'factory-merged');
  });

  test('opens a pull request where the repository lies at a forge, one for all its candidates, and goes on without', async () => {
    const [port] = await freePorts(1);
    const target = bare({ 'README.md': '# Sums\n' });
    const path = relative(dirname(dirname(target)), target);
    await serve(dirname(dirname(target)), port!);
    const repository = `git://127.0.0.1:${port}/${path}`;
    const run = await start({}, { repository, title: 'Sums and differences' });
    const shown = () => run.until(({ waitingFor }) => /proposed as/.test(waitingFor?.detail ?? ''));
    const { waitingFor } = await shown();
    const [pull] = forge.pulls;
    expect(waitingFor!.detail).toContain(`, proposed as ${pull!.html_url}`);
    expect(pull).toMatchObject({ title: 'Sums and differences', base: { ref: 'main' } });
    expect(git(target, 'rev-parse', `refs/heads/${pull!.head.ref}`)).toBe(waitingFor!.subject);
    expect(pull!.body).toContain(`npm run approve -- ${run.id}`);
    expect(await mill.history(run.id)).not.toContain('secret-token');

    await run.say('requestChanges', { subject: waitingFor!.subject, by: 'ada', note: 'Say why.' });
    forge.faults.push(
      ...Array<{ status: number; message: string }>(3).fill({ status: 403, message: 'No more of them' }),
    );
    await run.until(({ waitingFor: now }) => /the forge refuses: 403 No more of them/.test(now?.detail ?? ''));
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(forge.pulls).toHaveLength(1);
  });

  describe('tries again, three times in all, what was', () => {
    test('a rate limit', async () => {
      const run = await start({ cases: [limited, limited, suite(both)] });
      await run.untilItWaitsFor('approval');
      expect(run.calls({ stage: 'cases' })).toHaveLength(3);
    });

    test('a timeout, with pauses that double', async () => {
      const run = await start({ cases: [late, late, suite(both)] });
      await run.untilItWaitsFor('approval');
      expect(run.calls({ stage: 'cases' })).toHaveLength(3);
      const { events } = await run.handle.fetchHistory();
      const policies = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'callAgent' ? [scheduled.retryPolicy?.backoffCoefficient] : [],
      );
      expect(new Set(policies)).toEqual(new Set([2]));
    });

    test('a rate limit, and no fourth time: a person hears of it', async () => {
      const run = await start({ cases: [limited, limited, limited] });
      expect(await guidance(run)).toMatch(/^cases \(rate-limit\)/);
      expect(run.calls({ stage: 'cases' })).toHaveLength(3);
    });

    test('nothing else: an endpoint that fails is a person’s at once', async () => {
      const run = await start({ cases: [{ status: 500 }] });
      expect(await guidance(run)).toMatch(/^cases \(unavailable\)/);
      expect(run.calls({ stage: 'cases' })).toHaveLength(1);
    });
  });

  describe('asks a person, with the notes, and goes into no loop', () => {
    test('where a worker is blocked, and goes on with what is said', async () => {
      const run = await start({
        generate: ({ part, iteration }) =>
          part === 'taking' && iteration === 1
            ? { refusal: 'Which way round?' }
            : change({ ...written.adding, ...written.taking }),
      });
      expect(await guidance(run)).toMatch(/^generate \(refusal\): .*Which way round\?/);
      await notes(run, 'Which way round?');
      await run.say('guide', { by: 'ada', note: 'The first minus the second.' });
      await run.approve();
      expect(await run.result()).toMatchObject({ outcome: 'merged' });
      expect(run.prompt('generate', 2)).toContain('The first minus the second.');
    });

    test.each<[string, Script, RegExp]>([
      [
        'where one is not sure',
        { cases: () => suite(testing('add'), { confidence: 0.3 }) },
        /^cases \(low-confidence\): confidence 0\.3 is under 0\.6/,
      ],
      [
        'where tests fail',
        { cases: () => suite({ ...testing('add', 6), ...testing('take', -1) }) },
        /^verify \(failing\)/,
      ],
      [
        'where the review objects',
        { review: () => review({ verdict: 'needs_revision', issues: [issue('major', 'too clever')] }) },
        /^review \(review\)/,
      ],
    ])('%s', async (_, more, detail) => {
      const run = await start(more);
      expect(await guidance(run)).toMatch(detail);
      expect(new Set(asked(run)).size).toBe(asked(run).length);
      expect(run.git('rev-list', '--count', 'main')).toBe('1');
    });
  });
});

describe('a factory that is begun again', () => {
  const again = ({ id, repository }: Delivery) => ({ id, repository });
  const cutOff = async (run: Delivery) => (await run.untilItWaitsFor('approval'), run.handle.terminate('a power cut'));

  test('does only what is pending: the subtask that is missing, and what comes after it', async () => {
    const run = await start({
      generate: ({ part }) => (part === 'taking' ? { silence: true } : change(written.adding)),
    });
    await run.until(({ stages }) => stages.some(({ name, state }) => name === 'cases' && state === 'done'));
    await run.until(() => run.ledger().includes('stages/generate/1-adding/handoff.json'));
    await run.handle.terminate('a power cut');
    const before = run.calls().length;

    const second = await start({}, again(run));
    await second.approve();
    expect(await second.result()).toMatchObject({ outcome: 'merged' });
    expect(asked(second).slice(before).sort()).toEqual(['generate taking', 'review']);
    expect(second.git('show', 'main:src/take.js')).toContain('a - b');
    await mill.keepHistory(run.id, 'factory-continued');
  });

  test('asks for an approval of its own; what was merged is merged once, and asked of nobody', async () => {
    const run = await start();
    await cutOff(run);
    const second = await start({}, again(run));
    await second.approve({ by: 'bob' });
    const merged = await second.result();
    expect(merged).toMatchObject({ outcome: 'merged', approvedBy: 'bob' });
    const calls = run.calls().length;

    const third = await start({}, again(run));
    expect(await third.result()).toEqual(merged);
    expect(run.calls()).toHaveLength(calls);
    expect(run.git('rev-list', '--count', '--first-parent', 'main')).toBe('2');
  });

  test('takes nothing over for another request', async () => {
    const run = await start();
    await cutOff(run);
    const other = await start({}, { ...again(run), request: 'Other sums, please.' });
    await other.untilItWaitsFor('approval');
    expect(asked(other)).toHaveLength(10);
  });

  test('asks again where an endpoint had no answer: there is nothing to take over', async () => {
    const run = await start({ cases: [limited, limited, limited] });
    await guidance(run);
    await run.handle.terminate('a power cut');
    await (await start({}, again(run))).untilItWaitsFor('approval');
    expect(asked(run).slice(6).sort()).toEqual(['cases', 'review']);
  });

  test('hears a person’s words anew: what was done for others is not taken for what is done for these', async () => {
    const blocked: Script = {
      cases: ({ iteration, messages }) =>
        iteration === 1
          ? { refusal: 'Which way?' }
          : suite(JSON.stringify(messages).includes('a + b') ? testing('add') : both),
    };
    const run = await start(blocked);
    await guidance(run);
    await run.say('guide', { by: 'ada', note: 'a + b' });
    await run.until(({ stages }) => stages.some(({ name, state }) => name === 'cases' && state === 'done'));
    await run.handle.terminate('a power cut');

    const second = await start(blocked, again(run));
    expect(await guidance(second)).toContain('Which way?');
    await second.say('guide', { by: 'ada', note: 'both' });
    await second.approve();
    expect(await second.result()).toMatchObject({ outcome: 'merged' });
    expect(second.git('ls-tree', '--name-only', 'main', 'test/')).toContain('take.test.js');
  });
});

test('a project of factories that is begun again plans nothing twice, and delivers only what is not merged', async () => {
  const scripts = {
    project: { understand: [understanding()], plan: [plan({ first: [], second: ['first'] })], deploy: [deployment()] },
    first: {
      decompose: [
        decomposition({
          adding: ['generate', 'src/add.js'],
          'test-add': ['test', 'test/add.test.js'],
          look: ['review'],
        }),
      ],
      ...{ generate: [change(code('add'))], cases: [suite(testing('add'))], review: [review()] },
    },
    second: {
      decompose: [
        decomposition({
          taking: ['generate', 'src/take.js'],
          'test-take': ['test', 'test/take.test.js'],
          look: ['review'],
        }),
      ],
      ...{ generate: [change(code('take', 'a - b'))], cases: [suite(testing('take', -1))], review: [review()] },
    },
  };
  const run = await mill.project(scripts, { pipeline: 'factory' });
  await mill.milestoneOf(run, 'first').approve();
  const second = mill.milestoneOf(run, 'second');
  await second.untilItWaitsFor('approval');
  await run.handle.terminate('a power cut');
  await second.handle.terminate('a power cut').catch(() => undefined);

  const again = await mill.project(
    { project: scripts.project },
    { id: run.id, repository: run.repository, pipeline: 'factory' },
  );
  expect(await again.delivered()).toMatchObject({
    outcome: 'complete',
    milestones: [
      { id: 'first', state: 'merged' },
      { id: 'second', state: 'merged' },
    ],
  });
  expect(asked(again)).toHaveLength(2 + 2 * 4 + 1);
  const { results } = JSON.parse(again.fromLedger('report/FinalReport.json', 'project')) as FinalReport;
  expect(results.map(({ tests, approved_by }) => `${tests}, ${approved_by}`)).toEqual([
    '1 of 1 passed, ada',
    '2 of 2 passed, ada',
  ]);
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
