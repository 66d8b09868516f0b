// The only sandbox has its hands full: work stands in its queue and says how many are ahead, the project begins nothing on top of it,
// and when the sandbox is free again all of it is delivered.
import { setTimeout as pause } from 'node:timers/promises';
import { drawTree } from '../../scripts/cli/tree';
import { queues } from '../../src/domain/queues';
import type { Status } from '../../src/domain/status';
import { change, code, deployment, plan, suite, test as testing, understanding, type Files } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { door } from './door';
import { useMill } from './mill';
import type { Script } from './script';

const mill = useMill({ definitions: small, testRuns: 1 });

// From when it begins until all that has to be seen meanwhile has been seen: what stands in line says so after 70 seconds.
const BUSY_MS = 200_000;
// Its tests are run more than once, and the sandbox gives each of these runs two minutes.
const RUN_MS = 80_000;
const QUEUE = `queue:${queues.sandbox}` as const;

/** Tests that take long, each time that they are run before then. */
const long = (until: number): Files => ({
  'test/long.test.js': `const assert = require('node:assert');
require('node:test')('sums, in the end', async () => {
  await new Promise((done) => setTimeout(done, Math.min(${RUN_MS}, ${until} - Date.now())));
  assert.strictEqual(require('../src/long').long(2, 3), 5);
});
`,
});

type Result = { outcome: string; milestones: { id: string; state: string }[] };

test('work waits in line, the project begins no more of it, and all is merged when the worker is free again', async () => {
  const { opened, open } = door();
  const quick = (name: string): Script => ({
    implement: [change(code(name))],
    tests: () => opened.then(() => suite(testing(name))),
  });
  const unsure: Script = { ...quick('odd'), implement: [change(code('odd'), { confidence: 0.2 })] };
  const run = await mill.project(
    {
      project: {
        understand: [understanding()],
        plan: [plan({ odd: [], add: [], sum: [], total: [] })],
        deploy: [deployment()],
      },
      ...{ odd: unsure, add: quick('add'), sum: quick('sum'), total: quick('total') },
    },
    { pipeline: 'quick', maxParallel: 3, maxWaiting: 2 },
  );
  const begun = ['odd', 'add', 'sum'];
  await run.until(
    () => begun.every((milestone) => run.calls({ milestone, stage: 'tests' }).length > 0),
    'all are asked',
  );
  let free = Infinity;
  const busy = () => suite(long((free = Date.now() + BUSY_MS)));
  const other = await mill.milestone(
    { implement: [change(code('long'))], tests: busy },
    { pipeline: 'quick', id: 'other' },
  );
  await untilTested(other);
  open();
  const inLine = ({ waitingFor }: Status) =>
    waitingFor?.for === QUEUE && waitingFor.detail === `${queues.sandbox} (1 ahead)`;
  await Promise.all(['add', 'sum'].map((name) => mill.milestoneOf(run, name).until(inLine, 'one ahead', BUSY_MS)));
  expect(await mill.inbox(QUEUE, `${run.id}/add`)).toContain(`${run.id}/add`);
  const add = await mill.milestoneOf(run, 'add').status();
  const tree = drawTree(add, [], { width: 100, now: new Date(), color: false });
  expect(tree.join('\n')).toContain(`waiting: queue ${queues.sandbox} (1 ahead)`);

  await mill.milestoneOf(run, 'odd').untilItWaitsFor('guidance');
  // There is room now, and yet the fourth does not begin.
  await run.say('skip', { by: 'ada', milestone: 'odd' });
  const { detail } = await run.untilItWaitsFor('backlog');
  expect(detail).toBe('total: not begun while add, sum wait for a worker');
  expect((await run.status()).milestones.map(({ state }) => state)).toEqual([
    'skipped',
    'running',
    'running',
    'planned',
  ]);
  expect(run.calls({ milestone: 'total' })).toEqual([]);
  expect(Date.now()).toBeLessThan(free);

  await other.approve();
  expect(await other.result()).toMatchObject({ outcome: 'merged' });
  const { outcome, milestones } = await run.delivered<Result>();
  expect(outcome).toBe('complete');
  expect(milestones.map(({ state }) => state)).toEqual(['skipped', 'merged', 'merged', 'merged']);
  for (const id of ['other', 'add', 'sum', 'total'].map((name) => (name === 'other' ? name : `${run.id}/${name}`))) {
    const { twice, unfinished } = await testRuns(id);
    expect({ id, twice, unfinished }).toEqual({ id, twice: [], unfinished: [] });
  }
  await mill.keepHistory(`${run.id}/add`, 'milestone-in-a-busy-queue');
  await mill.keepHistory(run.id, 'project-held-back-by-a-busy-queue');
  expect(await mill.doNotReplay()).toEqual([]);
}, 900_000);

/** Until the worker has begun with its tests. */
async function untilTested({ handle }: Delivery): Promise<void> {
  const STARTED = 2;
  for (;;) {
    const { raw } = await handle.describe();
    if (
      raw.pendingActivities?.some(({ activityType, state }) => activityType?.name === 'runTests' && state === STARTED)
    )
      return;
    await pause(100);
  }
}

/** The runs of tests that a worker began: those of the same candidate on the same base, and those that came to no end. */
async function testRuns(id: string): Promise<{ twice: string[]; unfinished: string[] }> {
  const { events } = JSON.parse(await mill.history(id)) as { events: Record<string, Record<string, unknown>>[] };
  const scheduled = new Map<unknown, string>();
  const begun: string[] = [];
  const unfinished: string[] = [];
  for (const { eventId, ...event } of events) {
    const asked = event.activityTaskScheduledEventAttributes as
      { activityType: { name: string }; input: object } | undefined;
    if (asked?.activityType.name === 'runTests') scheduled.set(eventId, JSON.stringify(asked.input));
    const taken = event.activityTaskStartedEventAttributes;
    const what = scheduled.get(taken?.scheduledEventId);
    if (what !== undefined) begun.push(what, ...(Number(taken?.attempt ?? 1) > 1 ? [what] : []));
    const timedOut = event.activityTaskTimedOutEventAttributes;
    if (timedOut !== undefined && !JSON.stringify(timedOut).includes('SCHEDULE_TO_START'))
      unfinished.push(JSON.stringify(timedOut));
    const failed = event.activityTaskFailedEventAttributes;
    if (failed !== undefined) unfinished.push(JSON.stringify(failed));
  }
  expect(begun.length).toBeGreaterThan(0);
  return { twice: begun.filter((what, at) => begun.indexOf(what) !== at), unfinished };
}
