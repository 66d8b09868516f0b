// How many calls each model was asked, as their records in the ledgers have it.
import { PROJECT_LEDGER } from '../../src/domain/names';
import type { Status } from '../../src/domain/status';
import { ledgerFiles } from './ledger-files';

const CALL = /^stages\/[^/]+\/[^/]+\/call\.json$/;

type CallRecord = { model: string; calls: readonly unknown[] };

/** By the model's alias, the one that was asked most first. */
export async function readCalls({ id: project, repository, milestones }: Status): Promise<[string, number][]> {
  const ledgers = [PROJECT_LEDGER, ...milestones.map(({ id }) => id)];
  const found = await Promise.all(
    ledgers.map((milestone) =>
      ledgerFiles(repository, { project, milestone }, (paths) => paths.filter((path) => CALL.test(path))),
    ),
  );
  const counts = new Map<string, number>();
  for (const text of found.flatMap((files) => [...files.values()])) {
    const { model, calls } = JSON.parse(text) as CallRecord;
    counts.set(model, (counts.get(model) ?? 0) + calls.length);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
