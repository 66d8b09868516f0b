// The git ports, made on one folder of mirrors.
import type { BaseBranch, Ledger, Protection, Trees } from '../../activities/ports';
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
};

type Ports = { trees: Trees; ledger: Ledger; baseBranch: BaseBranch; protection: Protection };

export function createGit({ home, gateKey }: Settings): Ports {
  const git = hardenedGit(home);
  const mirrors = createMirrors(home, git);
  const trees = createTrees(git, mirrors);
  return {
    trees,
    protection: createProtection(trees),
    ledger: createLedger(mirrors),
    baseBranch: createBaseBranch(mirrors, gateKey),
  };
}
