// A worker that takes a run up and fails at it is no worker that is missing: what the command line says then, and what to do.
import { randomBytes } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { seeRun, type Sight } from '../../../scripts/cli/sight';
import { failingWords, NO_WORKER, taskFailureIn } from '../../../scripts/cli/silence';
import { viewLines } from '../../../scripts/cli/view';
import { queues } from '../../../src/domain/queues';
import { approve } from '../../../src/workflows/messages';
import { bare } from '../../adapters/git/ground';
import { small } from '../../scenarios/definitions';
import type { Delivery } from '../../scenarios/delivery';
import { useMill } from '../../scenarios/mill';
import { once } from '../../scenarios/once';
import { until } from '../../until';
import { NOW, status } from './statuses';

const mill = useMill({ definitions: small, workers: [] });
const ROOT = join(__dirname, '../../..');
const request = { request: 'Sums, please.', repository: bare(), pipeline: 'quick' };

const see = ({ id }: Delivery): Promise<Sight> => {
  const { client, server } = mill;
  const { connection } = client;
  const connected = { client, connection, namespace: 'default', address: server.address, uiUrl: server.uiUrl };
  return seeRun(connected as never, id);
};
const silenceOf = async (run: Delivery): Promise<string> => (await see(run)).silence ?? '';
const attempts = async ({ handle }: Delivery): Promise<number> =>
  (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 1;
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ');

test('a worker without the key: status, start and a decision say so, and none says that no worker is up', async () => {
  mill.holdKeys(`k1:${randomBytes(32).toString('base64')}`);
  const worker = await mill.startWorkerProcess('workflows', { MILLWRIGHT_ENCRYPTION_KEYS: '' });
  const run = await mill.start('deliverMilestone', 'sealed', request);
  await until(async () => (await attempts(run)) > 1);
  const words =
    /a worker takes it up, and its workflow task fails \(workflow worker unhandled failure: it is encrypted with the key "k1".*MILLWRIGHT_ENCRYPTION_KEYS.*\)\. Give that worker the key: docs\/operating\.md/;
  expect(await silenceOf(run)).toMatch(words);
  expect(unwrapped(await mill.told('status', run.id))).toMatch(words);
  const paused = await mill.verb('pause', run.id, '--by', 'ada');
  expect([paused.code, paused.said]).toEqual([5, expect.stringMatching(words)]);
  expect(paused.said).toMatch(/^sealed does not answer, so nothing was sent: /);
  const asked = ['--request', 'Sums', '--repository', join(mill.folder.path, 'sums.git'), '--pipeline', 'quick'];
  let starts = 0;
  const start = () => mill.told('start', ...asked, '--project', `told-${++starts}`);
  const started = await once(start, (out) => words.test(out));
  expect(started).toMatch(words);
  expect(started).not.toContain('npm run worker');

  // Nobody but Temporal knows any more: after some tries it lists the run.
  const listed = async () => (await run.handle.describe()).searchAttributes.TemporalReportedProblems !== undefined;
  await until(listed, 240_000);
  expect(await silenceOf(run)).toMatch(words);
  await worker.stop();
});

test('code that a run was not begun with: it is said at the first look, and while its task fails', async () => {
  mill.holdKeys();
  const run = await begunWithOtherCode();
  const worker = await mill.startWorkerProcess('workflows');
  const words =
    /a worker takes it up, and its workflow task fails \(.*Nondeterminism error: .*\)\. Start the code again that it was begun with: docs\/upgrades\.md/;
  // Nothing is to be done in it: only who looks makes a worker read it.
  expect(
    await once(
      () => silenceOf(run),
      (silence) => words.test(silence),
    ),
  ).toMatch(words);
  expect(await attempts(run)).toBe(1);
  const paused = await once(
    () => mill.verb('pause', run.id, '--by', 'ada'),
    ({ said }) => words.test(said),
  );
  expect([paused.code, paused.said]).toEqual([5, expect.stringMatching(words)]);

  await run.handle.signal(approve, { subject: 'f'.repeat(40), by: 'ada' });
  await until(async () => (await attempts(run)) > 1);
  expect(await silenceOf(run)).toMatch(/fails \(non deterministic error: .*Nondeterminism error/);
  expect(unwrapped(await mill.told('status', run.id))).toMatch(words);
  await worker.stop();
});

test('a run that has not been taken up by anybody still asks for a worker', async () => {
  const run = await mill.start('deliverMilestone', 'unheard', request);
  expect(await silenceOf(run)).toBe(NO_WORKER);
});

/** A run of this name whose code does nothing but wait; its worker has gone. */
async function begunWithOtherCode(): Promise<Delivery> {
  symlinkSync(join(ROOT, 'node_modules'), join(mill.folder.path, 'node_modules'));
  const workflowsPath = join(mill.folder.path, 'other.js');
  writeFileSync(
    workflowsPath,
    "const { sleep } = require('@temporalio/workflow');\nexports.deliverMilestone = () => sleep('30 days');\n",
  );
  const connection = await NativeConnection.connect({ address: mill.server.address });
  const worker = await Worker.create({ connection, taskQueue: queues.workflows, workflowsPath });
  const run = await worker.runUntil(async () => {
    const begun = await mill.start('deliverMilestone', 'begun-before', request);
    await until(async () => {
      const { events } = await begun.handle.fetchHistory();
      return events!.some(({ timerStartedEventAttributes }) => Boolean(timerStartedEventAttributes));
    });
    return begun;
  });
  await connection.close();
  return run;
}

describe('what fails', () => {
  const failed = (cause: string, message: string) => ({
    workflowTaskFailedEventAttributes: { cause, failure: { message } },
  });
  const reports = (cause: string, category = 'WorkflowTaskFailed') => ({
    searchAttributes: { TemporalReportedProblems: [`category=${category}`, `cause=WorkflowTaskFailedCause${cause}`] },
  });
  const unfit = failed('WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR', 'does not fit');
  const nothing = { searchAttributes: {} };

  test.each([
    [
      'the first failure, with its words',
      nothing,
      [{}, unfit],
      { cause: 'non deterministic error', message: 'does not fit' },
    ],
    [
      'the same as Temporal reports it',
      reports('NonDeterministicError'),
      [unfit],
      { cause: 'non deterministic error', message: 'does not fit' },
    ],
    [
      'another one since',
      reports('WorkflowWorkerUnhandledFailure'),
      [unfit],
      { cause: 'workflow worker unhandled failure' },
    ],
    ['what history does not have any more', reports('NonDeterministicError'), [], { cause: 'non deterministic error' }],
    ['one that went well since', nothing, [{ workflowTaskCompletedEventAttributes: {} }, unfit], undefined],
    ['a worker that was lost with it', nothing, [{ workflowTaskTimedOutEventAttributes: {} }, unfit], undefined],
    ['workers that are lost again and again', reports('', 'WorkflowTaskTimedOut'), [], undefined],
    ['a reset', nothing, [failed('WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW', '')], undefined],
    ['a signal that came in between', nothing, [failed('WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND', '')], undefined],
  ])('%s', (_, description, events, failure) => {
    expect(taskFailureIn(description as never, events as never)).toEqual(failure);
  });

  test('is told without anything that acts on a terminal, and not at any length', () => {
    const words = failingWords({
      cause: 'a\u001b[2Jb',
      message: `x\u001b]0;owned\u0007\n\u202ey ${'z'.repeat(5_000)}`,
    });
    expect(words).toMatch(
      /^a worker takes it up, and its workflow task fails \(ab: x y z+\)\. Look at what that worker logs/,
    );
    expect(words.length).toBeLessThan(700);
  });

  test('of a milestone stands below the tree of its project, in lines that fit', () => {
    const why = failingWords({ cause: 'non deterministic error' });
    const sight = {
      id: 'shop',
      over: false,
      state: 'running',
      status: status('shop', {}),
      milestones: [],
      retries: [],
    };
    const lines = viewLines({ ...sight, stalled: [{ run: 'shop/login', why }] }, { width: 60, now: NOW, color: false });
    expect(unwrapped(lines.join(' '))).toContain(`✗ shop/login: ${why}`);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  });
});
