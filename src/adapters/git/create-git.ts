// The three git ports, made on one folder of mirrors.
import type { BaseBranch, Ledger, Trees } from '../../activities/ports';
import { createBaseBranch } from './base-branch';
import { hardenedGit } from './git';
import { createLedger } from './ledger';
import { createMirrors } from './mirror';
import { createTrees } from './trees';

type Settings = {
  /** The worker's own folder: mirrors of repositories, made as they are needed. */
  home: string;
  /** The file of the SSH key with which merges are signed. */
  gateKey?: string;
};

export function createGit({ home, gateKey }: Settings): { trees: Trees; ledger: Ledger; baseBranch: BaseBranch } {
  const git = hardenedGit(home);
  const mirrors = createMirrors(home, git);
  return {
    trees: createTrees(git, mirrors),
    ledger: createLedger(mirrors),
    baseBranch: createBaseBranch(mirrors, gateKey),
  };
}
