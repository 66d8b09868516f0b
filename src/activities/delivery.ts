// What a run left in the ledgers, read back: of each stage the last handoff, how often it ran, and what all of it cost.
import { artifactKinds } from '../domain/artifacts';
import type { Handoff } from '../domain/handoff';
import { effectOf, LONE_MILESTONE, PROJECT_LEDGER, stageFolder, type EffectKey, type Place } from '../domain/names';
import type { DeliveredStage, Delivery } from '../domain/report';
import type { Status } from '../domain/status';
import { addUsage, noUsage } from '../domain/usage';
import type { Ledger, Trees } from './ports';
import { ofSession } from './session';

type From = { trees: Trees; ledger: Ledger };
type Stages = Record<string, DeliveredStage>;

export async function readDelivery(from: From, repository: string, status: Status): Promise<Delivery> {
  const [project, milestone] = status.id.split('/') as [string, string?];
  const { session } = status;
  const read = async (name: string, runId?: string): Promise<Stages> =>
    runId === undefined ? {} : readStages(from, repository, { project, milestone: name, runId, session });
  if (status.kind === 'milestone') {
    const own = await read(milestone ?? LONE_MILESTONE, status.runId);
    return { project: {}, milestones: { [milestone ?? project]: own } };
  }
  const [own, ...milestones] = await Promise.all([
    read(PROJECT_LEDGER, status.runId),
    ...status.milestones.map(({ id, runId }) => read(id, runId)),
  ]);
  return {
    project: own,
    milestones: Object.fromEntries(milestones.map((stages, at) => [status.milestones[at]!.id, stages])),
  };
}

/** Each effect at its own commit: another run under the same id writes over the same paths. */
export async function readStages(
  { trees, ledger }: From,
  repository: string,
  run: Place & { runId: string; session?: string },
): Promise<Stages> {
  const stages: Stages = {};
  for (const { commit, key } of await ledger.entries(repository, run)) {
    if (key === undefined || !isOf(run, key)) continue;
    const effect = effectOf(key);
    const files = await trees.read(repository, commit, filesOf(effect));
    const read = <T>(name: string): T | undefined => {
      const text = files.get(`${stageFolder(effect)}/${name}.json`);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    };
    const handoff = read<Handoff>('handoff');
    if (handoff === undefined) continue;
    const { stage, iteration } = effect;
    const before = stages[stage];
    const now = { iterations: iteration, handoff, artifact: handoff.artifact && read(handoff.artifact.kind) };
    const last = before !== undefined && before.iterations > iteration ? before : now;
    stages[stage] = { ...last, usage: addUsage(before?.usage ?? noUsage, handoff.usage) };
  }
  return stages;
}

const isOf = ({ runId, session }: { runId: string; session?: string }, key: string): boolean =>
  session === undefined ? key.startsWith(`${runId}/`) : ofSession(key, session);

/** What an effect may have left that a report speaks of. */
const filesOf = (effect: EffectKey): string[] =>
  ['handoff', ...artifactKinds].map((name) => `${stageFolder(effect)}/${name}.json`);
