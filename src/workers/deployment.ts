// Which version of a Worker Deployment the workflows' worker is, where an operator wants versions: see docs/upgrades.md.
import { basename, dirname } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from './config';

/** Only this worker has versions: what the others do is told by its input, and any of them may do it. */
export function versionOf(
  deployment: Config['deployment'],
  { codePath }: { codePath: string },
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  // Where nothing of the workflows has changed, it is no new version.
  const { name, build = basename(dirname(codePath)) } = deployment;
  return {
    workerDeploymentOptions: {
      version: { deploymentName: name, buildId: build },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
