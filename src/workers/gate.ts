// Serves `millwright-gate`: the merge. The only worker that moves a base branch.
import type { WorkerOptions } from '@temporalio/worker';
import { heardAtOnce } from '../activities/alive';
import { createGateActivities } from '../activities/gate';
import { inSession } from '../activities/session';
import { createGit } from '../adapters/git/create-git';
import { assertSigns, createSigner } from '../adapters/git/signing';
import { assertSigners, createSigners } from '../adapters/signers';
import { RECEIPT_NAMESPACE } from '../domain/receipt';
import type { Config } from './config';
import { dataConverter } from './data-converter';
import { discreetly } from './discreet';

export async function gateWorker({
  home,
  newDependencies,
  gateKey,
  allowedSigners,
  environment,
  encryption,
}: Config): Promise<Partial<WorkerOptions>> {
  if (gateKey !== undefined) await assertSigns(gateKey);
  if (allowedSigners !== undefined) await assertSigners(allowedSigners);
  const signers = allowedSigners === undefined ? undefined : createSigners(allowedSigners);
  const signer = gateKey === undefined ? undefined : createSigner(gateKey, RECEIPT_NAMESPACE);
  return {
    ...dataConverter({ encryption }),
    ...discreetly(environment),
    ...heardAtOnce,
    activities: inSession(createGateActivities({ ...createGit({ home, gateKey, newDependencies }), signer, signers })),
    maxConcurrentActivityTaskExecutions: 4,
  };
}
