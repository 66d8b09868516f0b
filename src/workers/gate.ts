// Serves `millwright-gate`: the merge. The only worker that moves a base branch.
import type { WorkerOptions } from '@temporalio/worker';
import { createGateActivities } from '../activities/gate';
import { inSession } from '../activities/session';
import { createGit } from '../adapters/git/create-git';
import { assertSigns } from '../adapters/git/signing';
import type { Config } from './config';

export async function gateWorker({ home, gateKey }: Config): Promise<Partial<WorkerOptions>> {
  if (gateKey !== undefined) await assertSigns(gateKey);
  return {
    activities: inSession(createGateActivities(createGit({ home, gateKey }))),
    maxConcurrentActivityTaskExecutions: 4,
  };
}
