// What was sent back on the way, by whom and why: each is a handoff in a milestone's ledger.
import type { Handoff } from '../../src/domain/handoff';
import type { Status } from '../../src/domain/status';
import { gitHere } from '../cli/repository-reading';

export type Rework = { milestone: string; stage: string; iteration: number; summary: string };

export async function readReworks({ id: project, repository, milestones }: Status): Promise<Rework[]> {
  const found = await Promise.all(milestones.map(({ id }) => reworksOf(repository, { project, milestone: id })));
  return found.flat();
}

async function reworksOf(repository: string, place: { project: string; milestone: string }): Promise<Rework[]> {
  const { trees, ledger } = gitHere();
  const tip = (await ledger.entries(repository, place)).at(-1)?.commit;
  if (tip === undefined) return [];
  const paths = (await trees.list(repository, tip)).map(({ path }) => path).filter((path) => HANDOFF.test(path));
  const files = await trees.read(repository, tip, paths);
  return [...files].flatMap(([path, text]) => {
    const { status, summary } = JSON.parse(text) as Handoff;
    const [, stage, iteration] = HANDOFF.exec(path)!;
    if (status !== 'rework') return [];
    return [{ milestone: place.milestone, stage: stage!, iteration: Number(iteration), summary }];
  });
}

const HANDOFF = /^stages\/([^/]+)\/(\d+)[^/]*\/handoff\.json$/;
