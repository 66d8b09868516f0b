// The git ports, made on one folder of mirrors.
import type { BaseBranch, Dependencies, Ledger, Protection, Trees } from '../../activities/ports';
import { createDependencies, type NewDependencies } from '../dependencies';
import { createBaseBranch } from './base-branch';
import { hardenedGit } from './git';
import { createLedger } from './ledger';
import { createMirrors } from './mirror';
import { createProtection } from './protection';
import { createTrees } from './trees';

type Settings = {
  /** The worker's own folder: mirrors of repositories, made as they are needed. */
  home: string;
  /** The file of the SSH key with which merges are signed. */
  gateKey?: string;
  /** What may be depended on anew without being named by an approval. */
  newDependencies?: NewDependencies;
};

type Ports = {
  trees: Trees;
  ledger: Ledger;
  baseBranch: BaseBranch;
  protection: Protection;
  dependencies: Dependencies;
};

export function createGit({ home, gateKey, newDependencies }: Settings): Ports {
  const git = hardenedGit(home);
  const mirrors = createMirrors(home, git);
  const trees = createTrees(git, mirrors);
  const dependencies = createDependencies(trees, newDependencies);
  return {
    trees,
    dependencies,
    protection: createProtection(trees, dependencies),
    ledger: createLedger(mirrors),
    baseBranch: createBaseBranch(mirrors, gateKey),
  };
}
