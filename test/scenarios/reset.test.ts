// A run is reset to a point before it was approved, and what was said to it is said once more: an approval counts for the commit that it names, and for no other.
import type { ScriptedCall } from '../../scripts/scripted-model/server';
import type { Status } from '../../src/domain/status';
import { sound } from '../adapters/git/ground';
import { change, code, suite, test as testing } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { useMill } from './mill';
import { byRound } from './script';

const mill = useMill({ definitions: small });

const isMerging = ({ stages }: Status) => stages.some(({ name, state }) => name === 'merge' && state === 'running');
const merges = (run: Delivery) => run.git('rev-list', '--count', '--merges', '--first-parent', 'main');

/** Writes this in its rounds, until it is told to write something else. */
function coder(...bodies: string[]) {
  let written = bodies;
  const implement = (call: ScriptedCall) => byRound(...written.map((body) => change(code('add', body))))(call);
  const start = () =>
    mill.milestone({ implement, tests: byRound(suite(testing('add'))) }, { pipeline: 'quick', approvers: ['ada'] });
  return { start, writes: (...others: string[]) => (written = others) };
}

/** Approves what waits, which is taken and written down; the gate is away until this is done. */
async function approvedAnd(run: Delivery, not: string | undefined, work: () => Promise<void>): Promise<string> {
  let subject = '';
  await mill.whileAway('gate', async () => {
    subject = await run.approve({ not });
    await run.until(isMerging);
    await work();
  });
  return subject;
}

/** In its new life the approval of the old candidate comes to nothing, and that of the new one merges it. */
async function mergesTheOther(run: Delivery, old: string, not?: string) {
  const { subject } = await run.untilItWaitsFor('approval', not);
  expect(subject).not.toBe(old);
  const approvals = (await run.decisions()).filter(({ kind, subject: named }) => kind === 'approve' && named === old);
  expect(approvals).toEqual([expect.objectContaining({ accepted: false })]);
  const again = await run.answered(() => run.say('approve', { subject: old, by: 'ada' }));
  expect(again).toMatchObject({ accepted: false, reason: expect.stringContaining(`it names ${old.slice(0, 10)}`) });
  expect(merges(run)).toBe('0');

  await run.say('approve', { subject, by: 'ada' });
  expect(await mill.run(run).result()).toMatchObject({ outcome: 'merged', candidate: subject });
  const onMain = run.git('rev-list', 'main').split('\n');
  expect([subject!, old].map((commit) => onMain.includes(commit))).toEqual([true, false]);
  expect(merges(run)).toBe('1');
  expect(sound(run.repository)).toBe('');
}

test('reset to its beginning, a run whose coder writes something else now is not merged by the approval of before', async () => {
  const { start, writes } = coder('a + b');
  const run = await start();
  const { runId: former } = await run.until(({ waitingFor }) => waitingFor?.for === 'approval');
  const old = await approvedAnd(run, undefined, async () => {
    writes('b + a');
    await mill.reset(run);
  });
  await run.until(({ runId }) => runId !== former);
  await mergesTheOther(run, old);
  expect(run.calls({ stage: 'implement' })).toHaveLength(2);
  expect(run.onMain('src/add.js')).toContain('b + a');
});

test('reset to where its first candidate waited, it takes the changes that were asked for, and no approval of what came of them before', async () => {
  const { start, writes } = coder('a + b', 'b + a');
  const run = await start();
  const { subject: first } = await run.untilItWaitsFor('approval');
  const { runId: former } = await run.status();
  // A word of no account: what is said after it is said to a run that waits.
  await run.answered(() => run.say('approve', { subject: 'f'.repeat(40), by: 'ada' }));
  await run.say('requestChanges', { subject: first, by: 'ada', note: 'The other way round, please.' });
  const old = await approvedAnd(run, first, async () => {
    writes('a + b', 'b - -a');
    await mill.reset(run, await taskBefore(run, 'requestChanges'));
  });
  await run.until(({ runId }) => runId !== former);
  await mergesTheOther(run, old, first);
  expect(run.calls({ stage: 'implement' }).map(({ iteration }) => iteration)).toEqual([1, 2, 2]);
  expect(run.onMain('src/add.js')).toContain('b - -a');
});

/** The last workflow task that was done before this was said. */
async function taskBefore({ handle }: Delivery, signal: string): Promise<number> {
  const { events } = await handle.fetchHistory();
  const said = events!.findIndex((event) => event.workflowExecutionSignaledEventAttributes?.signalName === signal);
  const task = events!.slice(0, said).findLast((event) => event.workflowTaskCompletedEventAttributes);
  return Number(task!.eventId);
}

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
