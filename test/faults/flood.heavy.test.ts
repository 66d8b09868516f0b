// More words than Temporal takes for one history, most of them malformed: each is refused and counted, no run fails of it, and the one
// that counts is heard after all of them.
import type { DecisionKind } from '../../src/domain/decision';
import { change, code, deployment, plan, suite, test as testing, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';

/** By the server's own limit, which nobody has lowered here. */
const SIGNALS_LIMIT = 10_000;
const WORDS = 10_500;
// What a worker is behind by, at the most: so many in one task, on a machine that is busy with other things, take seconds.
const AT_ONCE = 250;
const MANY_MS = 1_800_000;

const mill = useMill({ definitions: small });
const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };

const stranger = 'f'.repeat(40);
const large = 'x'.repeat(1_000_000);
/** None of it can count; the last of them are what a later version might say. */
const malformed: readonly (readonly [DecisionKind, unknown])[] = [
  ['approve', '"yes"'],
  ['approve', 'yes'],
  ['approve', null],
  ['approve', undefined],
  ['approve', 7],
  ['approve', true],
  ['approve', []],
  ['approve', [{ subject: stranger, by: 'ada' }]],
  ['approve', {}],
  ['approve', { subject: stranger }],
  ['approve', { subject: stranger, by: 'ada' }],
  ['requestChanges', { subject: stranger, by: 'ada' }],
  ['guide', { by: 'ada', note: '' }],
  ['skip', { by: { name: 'ada' } }],
  ['abandon', { by: '' }],
  ['pause', 'now'],
  ['resume', { by: 'ada', until: 'tomorrow' }],
  ['budget', { usd: -1, by: 'ada' }],
  ['abandon', { by: 'ada', version: 2 }],
  ['approve', { decision: 2, subject: { commit: stranger }, by: ['ada'] }],
];
const heavy: readonly (readonly [DecisionKind, unknown])[] = [
  ['abandon', { by: 'ada', note: large }],
  ['pause', large],
  ['approve', { subject: large, by: 'ada' }],
];
const words = Array.from({ length: WORDS }, (_, at) => heavy[at] ?? malformed[at % malformed.length]!);

/** Says all of them, as quickly as they are heard; what the server does not take is an error. */
async function flood(run: Delivery): Promise<void> {
  for (let said = 0; said < WORDS; said += AT_ONCE) {
    const next = words.slice(said, said + AT_ONCE);
    await Promise.all(next.map(([kind, word]) => run.say(kind, word)));
    const heard = said + next.length;
    await run.until(({ decisions: { refused } }) => refused >= heard, `${heard} words`);
  }
}

type Event = Awaited<ReturnType<typeof histories>>[number][number];

/** The events of each history that this asks for. */
async function histories(query: string) {
  const found = [];
  for await (const { workflowId, runId } of mill.client.workflow.list({ query })) {
    const { events } = await mill.client.workflow.getHandle(workflowId, runId).fetchHistory();
    found.push(events!);
  }
  return found;
}

/** How many signals each history of it has got. */
async function heardIn({ id }: Delivery): Promise<number[]> {
  const all = await histories(`WorkflowId = '${id}'`);
  return all.map((events) => events.filter((event) => event.workflowExecutionSignaledEventAttributes).length);
}

/** Why a task of its failed, where it was not the server that took it back. */
const failed = ({ workflowTaskFailedEventAttributes: task }: Event): string[] =>
  task?.failure?.message ? [task.failure.message] : [];

/** All signals that it got, in more histories than one, none of which came to the limit. */
async function heardInAll(run: Delivery): Promise<number> {
  const heard = await heardIn(run);
  expect(heard.length).toBeGreaterThan(1);
  expect(Math.max(...heard)).toBeLessThan(SIGNALS_LIMIT);
  return heard.reduce((sum, each) => sum + each, 0);
}

const merges = (run: Delivery) => run.git('rev-list', '--count', '--merges', '--first-parent', 'main');

test(
  'a milestone that waits for an approval counts 10,500 words that are none, goes on in further histories, and merges once it hears one',
  async () => {
    const run = await mill.milestone(script, { pipeline: 'quick' });
    const { subject } = await run.untilItWaitsFor('approval');
    const began = performance.now();
    await flood(run);
    process.stdout.write(`${WORDS} words in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    const { decisions, waitingFor } = await run.status();
    expect(decisions).toMatchObject({ accepted: 0, refused: WORDS });
    expect(waitingFor).toMatchObject({ for: 'approval', subject });
    await run.say('approve', { subject, by: 'ada' });
    expect(await run.result()).toMatchObject({ outcome: 'merged', approvedBy: 'ada' });
    expect((await run.status()).decisions).toMatchObject({ accepted: 1, refused: WORDS });
    expect(merges(run)).toBe('1');
    expect(await heardInAll(run)).toBe(WORDS + 1);
  },
  MANY_MS,
);

test(
  'so does a project, and its milestone is merged by the word that counts',
  async () => {
    const run = await mill.project(
      { project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] }, add: script },
      { pipeline: 'quick' },
    );
    const milestone = mill.milestoneOf(run, 'add');
    const { subject } = await milestone.untilItWaitsFor('approval');
    await flood(run);
    expect((await run.status()).decisions).toMatchObject({ accepted: 0, refused: WORDS });
    expect((await milestone.status()).decisions).toMatchObject({ accepted: 0, refused: 0 });
    await run.say('approve', { subject, by: 'ada' });
    expect(await run.result()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
    expect((await run.status()).decisions).toMatchObject({ accepted: 1, refused: WORDS });
    expect(merges(run)).toBe('1');
    // Its milestone's own words are among them.
    expect(await heardInAll(run)).toBeGreaterThan(WORDS);
  },
  MANY_MS,
);

test(
  'no task of theirs failed, and all of their histories replay',
  async () => {
    for (const events of await histories('')) expect(events.flatMap(failed)).toEqual([]);
    expect(await mill.doNotReplay()).toEqual([]);
  },
  MANY_MS,
);
