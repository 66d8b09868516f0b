// Serves `millwright-gate`: the merge. The only worker that moves a base branch.
import type { WorkerOptions } from '@temporalio/worker';
import { createGateActivities } from '../activities/gate';
import { inSession } from '../activities/session';
import { createGit } from '../adapters/git/create-git';
import { assertSigns, createSigner } from '../adapters/git/signing';
import { RECEIPT_NAMESPACE } from '../domain/receipt';
import type { Config } from './config';
import { discreetly } from './discreet';

export async function gateWorker({ home, gateKey, environment }: Config): Promise<Partial<WorkerOptions>> {
  if (gateKey !== undefined) await assertSigns(gateKey);
  const signer = gateKey === undefined ? undefined : createSigner(gateKey, RECEIPT_NAMESPACE);
  return {
    ...discreetly(environment),
    activities: inSession(createGateActivities({ ...createGit({ home, gateKey }), signer })),
    maxConcurrentActivityTaskExecutions: 4,
  };
}
