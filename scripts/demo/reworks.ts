// What was sent back on the way, by whom and why: each is a handoff in a milestone's ledger.
import type { Handoff } from '../../src/domain/handoff';
import type { Place } from '../../src/domain/names';
import type { Pipeline } from '../../src/domain/pipeline';
import type { Status } from '../../src/domain/status';
import { ledgerFiles } from './ledger-files';
import type { Way } from './way';

export type Rework = { milestone: string; stage: string; iteration: number; summary: string };

export async function readReworks(milestones: readonly Status[], { pipelines }: Way): Promise<Rework[]> {
  const found = await Promise.all(milestones.map((milestone) => reworksOf(milestone, pipelines[milestone.pipeline]!)));
  return found.flat();
}

async function reworksOf({ id, repository }: Status, pipeline: Pipeline): Promise<Rework[]> {
  const [project, milestone] = id.split('/') as [string, string];
  const handoffs = await readHandoffs(repository, { project, milestone });
  return handoffs.flatMap(({ stage, iteration, handoff: { status, cause = '', summary } }) => {
    // What a stage leaves to a later one to judge, it has not sent back itself.
    const passedOn = pipeline.stages[stage]?.passOn?.includes(cause) ?? false;
    return status === 'rework' && !passedOn ? [{ milestone, stage, iteration, summary }] : [];
  });
}

type Found = { stage: string; iteration: number; handoff: Handoff };

/** One of each round: of several who worked side by side, what all of them together handed over. */
async function readHandoffs(repository: string, place: Place): Promise<Found[]> {
  const files = await ledgerFiles(repository, place, (paths) =>
    paths.filter((path) => HANDOFF.test(path) && !(partial(path) && paths.includes(path.replace(HANDOFF, WHOLE)))),
  );
  return [...files].map(([path, text]) => {
    const [, stage, iteration] = HANDOFF.exec(path)!;
    return { stage: stage!, iteration: Number(iteration), handoff: JSON.parse(text) as Handoff };
  });
}

const HANDOFF = /^stages\/([^/]+)\/(\d+)(-[^/]+)?\/handoff\.json$/;
const WHOLE = 'stages/$1/$2/handoff.json';
const partial = (path: string): boolean => HANDOFF.exec(path)?.[3] !== undefined;
