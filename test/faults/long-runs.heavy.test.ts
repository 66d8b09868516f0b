// As long as runs get, against a server that takes a fiftieth of what others take: 500 milestones in one project, 200 rounds in one milestone.
import type { HistoryAndWorkflowId } from '@temporalio/common';
import { plan, specification, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { circling, circlingFor, crowded, largestPayload } from '../scenarios/long';
import { useMill } from '../scenarios/mill';

const mill = useMill({ definitions: { ...small, ...circling }, settings: crowded });
const HOURS = 3 * 3_600_000;

/** How many histories there were of it. */
async function historiesOf(id: string): Promise<number> {
  const all: HistoryAndWorkflowId[] = await mill.histories();
  for (const { history } of all) expect(largestPayload(history)).toBeLessThan(256_000);
  return all.filter(({ workflowId }) => workflowId === id).length;
}

test(
  'a project of 500 milestones, of which each is begun once and none is lost',
  async () => {
    const ids = Array.from({ length: 500 }, (_, at) => `part-${at + 1}`);
    const scripts = {
      project: {
        understand: [understanding()],
        plan: [plan(Object.fromEntries(ids.map((id, at) => [id, at % 5 === 0 ? [] : [ids[at - 1]!]])))],
      },
      ...Object.fromEntries(ids.map((id) => [id, { specify: [specification()] }])),
    };
    const run = await mill.project(scripts, { pipeline: 'solo', maxParallel: 8 });
    expect(await run.result()).toMatchObject({ outcome: 'complete' });
    const { milestones, usage } = await run.status();
    expect(milestones.map(({ id, state }) => [id, state])).toEqual(ids.map((id) => [id, 'complete']));
    expect(new Set(run.calls().map(({ milestone }) => milestone)).size).toBe(501);
    // To understand, to plan, and one of each milestone; with nothing merged there is nothing to deploy.
    expect(run.calls()).toHaveLength(502);
    expect(usage.calls).toBe(502);
    expect(await historiesOf(run.id)).toBeGreaterThan(20);
  },
  HOURS,
);

test(
  'a milestone of 200 rounds, of which each is gone once',
  async () => {
    const rounds = 200;
    const run = await mill.milestone(circlingFor(rounds), { pipeline: 'circling' });
    // Twenty rounds are as many as a pipeline may go by itself.
    for (let said = 0; said < 9; said++) {
      await run.untilItWaitsFor('guidance');
      await run.answered(() => run.say('guide', { by: 'ada', note: `go on, for the ${said + 1}. time` }));
    }
    expect(await run.result()).toMatchObject({ outcome: 'complete' });
    const each = Array.from({ length: rounds }, (_, at) => at + 1);
    for (const stage of ['implement', 'review'])
      expect(run.calls({ stage }).map(({ iteration }) => iteration)).toEqual(each);
    expect((await run.status()).usage.calls).toBe(2 * rounds);
    expect(await historiesOf(run.id)).toBeGreaterThan(20);
  },
  HOURS,
);

test(
  'all of these histories replay',
  async () => {
    expect(await mill.doNotReplay()).toEqual([]);
  },
  HOURS,
);
