// Files of a ledger as they are in the end, by path.
import type { Place } from '../../src/domain/names';
import { gitHere } from '../cli/repository-reading';

/** Those of the paths that are chosen; nothing where there is no ledger. */
export async function ledgerFiles(
  repository: string,
  place: Place,
  choose: (paths: readonly string[]) => string[],
): Promise<ReadonlyMap<string, string>> {
  const { trees, ledger } = gitHere();
  const tip = (await ledger.entries(repository, place)).at(-1)?.commit;
  if (tip === undefined) return new Map();
  return trees.read(repository, tip, choose((await trees.list(repository, tip)).map(({ path }) => path)));
}
