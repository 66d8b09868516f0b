// On a server that others use, workers of theirs would take a share of the demo's work, with models and keys of their own.
import { queues } from '../../src/domain/queues';
import { Ended, exitCodes } from '../cli/exit-codes';
import { ask, type Connected } from '../cli/server';

// A worker asks for work again within a minute; one that has not is gone.
const FRESH_MS = 70_000;
const WORKFLOWS = 1; // temporal.api.enums.v1.TaskQueueType
const ACTIVITIES = 2;

export async function demandNobodyElse(server: Connected): Promise<void> {
  const served = await Promise.all(
    Object.values(queues).flatMap((name) => [WORKFLOWS, ACTIVITIES].map((type) => isServed(server, name, type))),
  );
  if (!served.includes(true)) return;
  throw new Ended(
    exitCodes.usage,
    `Workers of Millwright serve namespace ${server.namespace} at ${server.address} already, and would do part of the ` +
      'demo’s work with models of their own. Choose another TEMPORAL_NAMESPACE, or unset TEMPORAL_ADDRESS: then the ' +
      'demo starts a server of its own. (A worker that was stopped is forgotten after a minute.)',
  );
}

async function isServed({ client, connection, namespace, ...rest }: Connected, name: string, type: number) {
  const { workflowService } = client;
  const { pollers } = await ask({ client, connection, namespace, ...rest }, () =>
    workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType: type }),
  );
  return pollers.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < FRESH_MS);
}
