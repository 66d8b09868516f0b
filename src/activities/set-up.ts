// What the tests of a base and of a candidate's tree need of others, installed before any of them runs.
import { permanent } from '../domain/failures';
import { unadmitted } from '../domain/new-dependencies';
import type { Dependencies, Installed, Setup, TreeEntry } from './ports';

export type InstalledIn = ReadonlyMap<string, Installed>;
type Tree = readonly [treeish: string, entries: readonly TreeEntry[]];

/** By tree; or what is wrong with what the candidate's own depends on. What is wrong with the base's is a person's to cure. */
export async function setUp(
  { setup, dependencies }: { setup: Setup; dependencies: Dependencies },
  on: { repository: string; signal: AbortSignal; admitted?: readonly string[] },
  [base, before]: Tree,
  [tree, after]: Tree,
): Promise<InstalledIn | { objections: string[] }> {
  // Before anything is fetched: whatever the run believes that somebody has approved.
  const objection = unadmitted(await dependencies.brought(on.repository, base, tree), on.admitted ?? []);
  if (objection !== undefined) return { objections: [objection] };
  const ofBase = await setup.setUp({ ...on, treeish: base, entries: before });
  if ('objections' in ofBase)
    throw permanent(
      'DependenciesRefused',
      `what ${base.slice(0, 10)}, the base, depends on cannot be installed: ${ofBase.objections.join('; ')}`,
    );
  const ofTree = await setup.setUp({ ...on, treeish: tree, entries: after });
  if ('objections' in ofTree) return { objections: [...ofTree.objections] };
  return new Map([
    [base, ofBase],
    [tree, ofTree],
  ]);
}
