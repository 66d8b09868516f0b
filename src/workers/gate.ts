// Serves `millwright-gate`: the merge. The only worker that moves a base branch.
import type { WorkerOptions } from '@temporalio/worker';
import { createGateActivities } from '../activities/gate';
import { inSession } from '../activities/session';
import { createGit } from '../adapters/git/create-git';
import type { Config } from './config';

export async function gateWorker({ home }: Config): Promise<Partial<WorkerOptions>> {
  return { activities: inSession(createGateActivities(createGit({ home }))), maxConcurrentActivityTaskExecutions: 4 };
}
