// What the ledgers of a project hold, read back: for each milestone the last of each stage, and how often it ran.
import type { DeliveredStage, Delivery } from '../domain/report';
import { PROJECT_LEDGER, type Place } from '../domain/names';
import type { Handoff } from '../domain/handoff';
import type { Status } from '../domain/status';
import type { Ledger, Trees } from './ports';

type From = { trees: Trees; ledger: Ledger };

export async function readDelivery(from: From, repository: string, status: Status): Promise<Delivery> {
  const [project = status.id, milestone = PROJECT_LEDGER] = status.id.split('/');
  const places =
    status.kind === 'project'
      ? status.milestones.map(({ id }) => ({ project, milestone: id }))
      : [{ project, milestone }];
  const milestones = await Promise.all(
    places.map(async (place) => [place.milestone, await readStages(from, repository, place)] as const),
  );
  const own =
    status.kind === 'project' ? await readStages(from, repository, { project, milestone: PROJECT_LEDGER }) : {};
  return { project: own, milestones: Object.fromEntries(milestones) };
}

async function readStages(
  { trees, ledger }: From,
  repository: string,
  place: Place,
): Promise<Record<string, DeliveredStage>> {
  const tip = (await ledger.entries(repository, place)).at(-1)?.commit;
  if (tip === undefined) return {};
  const paths = (await trees.list(repository, tip)).map(({ path }) => path);
  const files = await trees.read(
    repository,
    tip,
    paths.filter((path) => /^stages\/.*\.json$/.test(path)),
    1_000_000,
  );
  const stages: Record<string, DeliveredStage> = {};
  for (const path of paths) {
    const [, stage, round] = /^stages\/([^/]+)\/(\d+)\/handoff\.json$/.exec(path) ?? [];
    const handoff = files.get(path);
    if (stage === undefined || handoff === undefined) continue;
    const iteration = Number(round);
    if ((stages[stage]?.iterations ?? 0) > iteration) continue;
    const parsed = JSON.parse(handoff) as Handoff;
    const artifact = parsed.artifact === undefined ? undefined : files.get(parsed.artifact.path);
    stages[stage] = {
      iterations: iteration,
      handoff: parsed,
      ...(artifact !== undefined && { artifact: JSON.parse(artifact) as unknown }),
    };
  }
  return stages;
}
