// The crash sweep: every activity of every stage of the default pipeline, in three attempts one after the other killed in the
// middle, before it begins and when it is done. What is swept is what a milestone that is left in peace turns out to do, so a
// new stage is swept without anybody's remembering it. Each trial is judged by the checker, not by how it ended.
import { availableParallelism } from 'node:os';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { check, inWords } from '../../scripts/trial/check';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { runTrial, type Tried } from '../../scripts/trial/trial';
import { loadPipelines } from '../../scripts/docs/definitions';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { stageNames } from '../../src/domain/pipeline';
import { ProjectRequest } from '../../src/domain/request';
import { workflowBundle } from '../../src/workers/workflow-bundle';

const { pipeline: standard } = ProjectRequest.parse({ request: 'x', repository: '/x' });
const stages = stageNames(loadPipelines().find(({ name }) => name === standard)!);
/** What belongs to no stage: the opening. */
const AROUND = 'around the stages';
const TRIALS_LIMIT = 40;
// Mostly they wait for a heartbeat that does not come.
const AT_ONCE = 3 * availableParallelism();
const PATIENCE_MS = 30 * 60_000;

type Swept = { stage: string; activity: string; done: Promise<Tried & { violations: string[] }> };

let ground: Ground;
let swept: Swept[];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const names = Array.from({ length: TRIALS_LIMIT }, (_, at) => `sweep-${at}`);
  ground = await openGround(['peace', ...names]);
  const peace = await tried('peace');
  expect(peace.violations).toEqual([]);
  const slots = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(undefined));
  swept = activitiesOf(peace).map(({ stage, activity }, at) => {
    const what = stage === AROUND ? activity : `${stage}/${activity}`;
    const done = slots[at % AT_ONCE]!.then(() => tried(names[at]!, `${what}:middle,before,after`));
    slots[at % AT_ONCE] = done.catch(() => undefined);
    return { stage, activity, done };
  });
}, PATIENCE_MS);

afterAll(async () => {
  await Promise.allSettled((swept ?? []).map(({ done }) => done));
  await ground.close();
});

async function tried(name: string, crash?: string): Promise<Tried & { violations: string[] }> {
  const trial = await runTrial(ground, { name, crash });
  const violations = await check(readEvidence(trial.folder), [await workflowBundle(cacheFolder())]);
  return { ...trial, violations: violations.map(inWords) };
}

/** Every kind of work of every stage, once. What is told no stage is done for the one before it. */
function activitiesOf({ folder }: Tried): { stage: string; activity: string }[] {
  const found = new Map<string, { stage: string; activity: string }>();
  let last = AROUND;
  for (const { type, key } of readEvidence(folder).runs.flatMap(({ activities }) => activities)) {
    last = key?.stage ?? last;
    found.set(`${last}/${type}`, { stage: last, activity: type });
  }
  return [...found.values()];
}

test.each([AROUND, ...stages])(
  '%s: killed three times, it is done once, and the milestone is merged',
  async (stage) => {
    const own = swept.filter((one) => one.stage === stage);
    expect(own).not.toEqual([]);
    for (const { activity, done } of own) {
      const { violations, faults, recoveries, hung, seconds } = await done;
      const killed = Array.from({ length: 3 }, () => expect.objectContaining({ what: 'worker ended: SIGKILL' }));
      expect({ activity, violations, hung, faults }).toEqual({ activity, violations: [], hung: false, faults: killed });
      expect(recoveries).toHaveLength(3);
      const ratios = recoveries.map((recovery) => (recovery.seconds / recovery.bound!).toFixed(2));
      process.stdout.write(
        `${stage}/${activity}: ${seconds.toFixed(0)} s; of the bound to recover: ${ratios.join(', ')}\n`,
      );
    }
  },
  PATIENCE_MS,
);

test('nothing that was done belongs to a stage that nobody looks at', () => {
  const known = [AROUND, ...stages];
  expect(swept.filter(({ stage }) => !known.includes(stage))).toEqual([]);
});
