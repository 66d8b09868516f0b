// The sweep of endings: at every activity of every stage of the default pipeline, and while it waits for a person, a milestone
// is cancelled, terminated and reset. Each trial is judged by the checker: nothing is left of it; and it ended as it was told to, with
// nothing merged, unless it was the merge that was under way.
import { readEvidence } from '../../scripts/trial/evidence';
import { judged, type Judged } from '../../scripts/trial/judged';
import type { Plan } from '../../scripts/trial/trial';
import { endedAt, endedWhileItWaits, type Way } from './ending';
import { AROUND, inSlots, nameOf, openSweep, PATIENCE_MS, stages, type Sweep } from './sweeping';

const TRIALS_LIMIT = 100;
const swept: Way[] = ['cancel', 'terminate', 'reset'];

type Ended = { stage: string; what: string; way: Way; done: Promise<Judged> };

let sweep: Sweep;
let all: Ended[];

beforeAll(async () => {
  sweep = await openSweep(TRIALS_LIMIT);
  const { ground, works, names } = sweep;
  const atWork = works.flatMap((work) =>
    swept.map((way) => ({ ...work, what: nameOf(work), way, plan: endedAt(`${nameOf(work)}:middle`, way) })),
  );
  const atMerge = swept.flatMap((way) =>
    ['before', 'after'].map((point) => {
      const what = `merge/mergeCandidate:${point}`;
      return { stage: 'merge', what, way, plan: endedAt(what, way) };
    }),
  );
  const waiting = [...swept, 'reset to its beginning' as const].map((way) => ({
    ...{ stage: 'approve', what: 'approve, while it waits', way, plan: endedWhileItWaits(way) as Omit<Plan, 'name'> },
  }));
  const planned = [...atWork, ...atMerge, ...waiting];
  const trials = planned.map((one, at) => () => judged(ground, { name: names[at]!, ...one.plan }));
  const done = inSlots(trials);
  all = planned.map(({ stage, what, way }, at) => ({ stage, what, way, done: done[at]! }));
}, PATIENCE_MS);

const isMerge = (what: string) => what.startsWith('merge/mergeCandidate');

/** How its runs end. One that is cancelled while it merges says what came of that; one that is terminated says nothing any more. */
function promised(what: string, way: Way, merges: number): string[] {
  if (way === 'reset') return ['completed', 'terminated'];
  if (way === 'terminate') return ['terminated'];
  return [isMerge(what) && merges > 0 ? 'completed' : 'canceled'];
}

afterAll(async () => {
  await Promise.allSettled((all ?? []).map(({ done }) => done));
  await sweep?.ground.close();
});

test.each([AROUND, ...stages].flatMap((stage) => swept.map((way) => [stage, way] as const)))(
  '%s: after a %s it has ended as it was told to, and nothing is left',
  async (stage, way) => {
    const own = all.filter((one) => one.stage === stage && one.way.startsWith(way));
    expect(own).not.toEqual([]);
    for (const { what, done } of own) {
      const { violations, faults, hung, folder, seconds } = await done;
      expect({ what, violations, hung, faults }).toEqual({
        what,
        violations: [],
        hung: false,
        faults: [expect.anything()],
      });
      const { runs, repository, trial } = readEvidence(folder);
      const merges = repository.commits(trial.branch).filter(({ parents }) => parents.length === 2);
      const ends = runs.map(({ closing }) => closing?.how);
      expect({ what, ends }).toEqual({ what, ends: promised(what, way, merges.length) });
      // What is called off is merged only where the merge was under way by then; once is enough in any case.
      const most = way === 'reset' || isMerge(what) ? 1 : 0;
      expect({ what, merges: merges.length <= most }).toEqual({ what, merges: true });
      if (ends.includes('completed')) {
        const result = runs.find(({ closing }) => closing?.how === 'completed')?.closing?.result;
        expect({ what, result }).toMatchObject({ what, result: { outcome: 'merged', commit: merges[0]?.sha } });
      }
      process.stdout.write(`${what}, ${way}: ${ends.join(', ')}, ${merges.length} merges, ${seconds.toFixed(0)} s\n`);
    }
  },
  PATIENCE_MS,
);
