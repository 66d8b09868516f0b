// What the sweeps share: trials that the checker judges, and all that a milestone which is left in peace turns out to do.
import { availableParallelism } from 'node:os';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged } from '../../scripts/trial/judged';
import type { Tried } from '../../scripts/trial/trial';
import { loadPipelines } from '../../scripts/docs/definitions';
import { stageNames } from '../../src/domain/pipeline';
import { ProjectRequest } from '../../src/domain/request';

const { pipeline: standard } = ProjectRequest.parse({ request: 'x', repository: '/x' });
/** Of the default pipeline. */
export const stages = stageNames(loadPipelines().find(({ name }) => name === standard)!);
/** What belongs to no stage: the opening. */
export const AROUND = 'around the stages';
export const PATIENCE_MS = 60 * 60_000;

export type Work = { stage: string; activity: string };
export type Sweep = { ground: Ground; works: Work[]; names: string[] };

/** Room for so many trials, and what a milestone does that is left in peace. */
export async function openSweep(trials: number): Promise<Sweep> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const names = Array.from({ length: trials }, (_, at) => `swept-${at}`);
  const ground = await openGround(['peace', ...names]);
  const peace = await judged(ground, { name: 'peace' });
  expect(peace.violations).toEqual([]);
  return { ground, works: worksOf(peace), names };
}

/** Every kind of work of every stage, once. What is told no stage is done for the one before it. */
function worksOf({ folder }: Tried): Work[] {
  const found = new Map<string, Work>();
  let last = AROUND;
  for (const { type, key } of readEvidence(folder).runs.flatMap(({ activities }) => activities)) {
    last = key?.stage ?? last;
    found.set(`${last}/${type}`, { stage: last, activity: type });
  }
  return [...found.values()];
}

/** As MILLWRIGHT_CRASH names it. */
export const nameOf = ({ stage, activity }: Work): string => (stage === AROUND ? activity : `${stage}/${activity}`);

/** So many at once, in order. Mostly they wait for a heartbeat that does not come. */
export function inSlots<T>(all: readonly (() => Promise<T>)[], atOnce = 3 * availableParallelism()): Promise<T>[] {
  const slots = Array.from({ length: atOnce }, () => Promise.resolve<unknown>(undefined));
  return all.map((work, at) => {
    const done = slots[at % atOnce]!.then(work);
    slots[at % atOnce] = done.catch(() => undefined);
    return done;
  });
}
