// What a run left in the ledgers, read back: of each stage the last handoff, those of its rounds, and what all of it cost.
import { artifactKinds } from '../domain/artifacts';
import type { Handoff } from '../domain/handoff';
import { effectOf, LONE_MILESTONE, PROJECT_LEDGER, stageFolder, type EffectKey, type Place } from '../domain/names';
import type { DeliveredStage, Delivery } from '../domain/report';
import type { Status } from '../domain/status';
import { addUsage, noUsage } from '../domain/usage';
import type { Ledger, LedgerEntry, Trees } from './ports';
import { ofSession } from './session';

type From = { trees: Trees; ledger: Ledger };
type Stages = Record<string, DeliveredStage>;

export async function readDelivery(from: From, repository: string, status: Status): Promise<Delivery> {
  const [project, milestone] = status.id.split('/') as [string, string?];
  const { session, runId } = status;
  if (status.kind === 'milestone') {
    const run = { project, milestone: milestone ?? LONE_MILESTONE, runId, session };
    return { project: {}, milestones: { [milestone ?? project]: await readStages(from, repository, run) } };
  }
  const runs = [{ id: PROJECT_LEDGER, runId }, ...status.milestones];
  const places = runs.map(({ id }) => ({ project, milestone: id }));
  const entries = await from.ledger.entriesOfEach(repository, places);
  const [own, ...milestones] = await Promise.all(
    runs.map(async ({ runId }, at): Promise<Stages> =>
      runId === undefined ? {} : stagesIn(from, repository, { ...places[at]!, runId, session }, entries[at]!),
    ),
  );
  return {
    project: own!,
    milestones: Object.fromEntries(milestones.map((stages, at) => [status.milestones[at]!.id, stages])),
  };
}

type Looked = Place & { runId: string; session?: string };

export const readStages = async (from: From, repository: string, run: Looked): Promise<Stages> =>
  stagesIn(from, repository, run, await from.ledger.entries(repository, run));

/** Each effect at its own commit: another run under the same id writes over the same paths. */
async function stagesIn({ trees }: From, repository: string, run: Looked, entries: readonly LedgerEntry[]) {
  const stages: Stages = {};
  for (const { commit, key } of entries) {
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
    const round = effect.part === undefined ? [{ iteration, handoff, artifact: now.artifact }] : [];
    stages[stage] = {
      ...last,
      rounds: [...(before?.rounds ?? []), ...round],
      usage: addUsage(before?.usage ?? noUsage, handoff.usage),
    };
  }
  return stages;
}

const isOf = ({ runId, session }: { runId: string; session?: string }, key: string): boolean =>
  session === undefined ? key.startsWith(`${runId}/`) : ofSession(key, session);

/** What an effect may have left that a report speaks of. */
const filesOf = (effect: EffectKey): string[] =>
  ['handoff', ...artifactKinds].map((name) => `${stageFolder(effect)}/${name}.json`);
