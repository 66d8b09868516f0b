// What was sent back on the way, by whom and why: each is a handoff in a milestone's ledger.
import type { Handoff } from '../../src/domain/handoff';
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
  const files = await ledgerFiles(repository, { project, milestone }, handoffPaths);
  return sentBackIn(files, pipeline).map((rework) => ({ milestone, ...rework }));
}

const HANDOFF = /^stages\/([^/]+)\/(\d+)(-[^/]+)?\/handoff\.json$/;

/** One of each round: of several who worked side by side, what all of them together handed over. */
export function handoffPaths(paths: readonly string[]): string[] {
  const whole = (path: string) => path.replace(HANDOFF, 'stages/$1/$2/handoff.json');
  return paths.filter((path) => HANDOFF.test(path) && (path === whole(path) || !paths.includes(whole(path))));
}

export function sentBackIn(files: ReadonlyMap<string, string>, pipeline: Pipeline): Omit<Rework, 'milestone'>[] {
  return [...files].flatMap(([path, text]) => {
    const [, stage = '', iteration] = HANDOFF.exec(path)!;
    const { status, cause = '', summary } = JSON.parse(text) as Handoff;
    // What a stage leaves to a later one to judge, it has not sent back itself.
    const passedOn = pipeline.stages[stage]?.passOn?.includes(cause) ?? false;
    return status === 'rework' && !passedOn ? [{ stage, iteration: Number(iteration), summary }] : [];
  });
}
