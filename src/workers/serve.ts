// Runs the workers of the queues it is given against one Temporal server, until it is told to stop.
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { queues, type QueueKind } from '../domain/queues';
import { agentsWorker } from './agents';
import type { Config } from './config';
import { struck } from './crash';
import { gateWorker } from './gate';
import { scheduleJanitor } from './janitor';
import { metricsAt } from './metrics';
import { sandboxWorker } from './sandbox';
import { workflowsWorker } from './workflows';

const kinds: Record<QueueKind, (config: Config) => Promise<Partial<WorkerOptions>>> = {
  workflows: workflowsWorker,
  agents: agentsWorker,
  sandbox: sandboxWorker,
  gate: gateWorker,
};

// Long enough for what is nearly done; what is longer is taken up elsewhere where it was.
const GRACE = '20 seconds';

/** `workflows`, `agents`, `sandbox`, `gate`, and `agents-<name>` for a model's own queue. */
export function taskQueueOf(name: string): { kind: QueueKind; taskQueue: string } {
  const kind = (Object.keys(queues) as QueueKind[]).find((known) => known === name);
  if (kind !== undefined) return { kind, taskQueue: queues[kind] };
  if (/^agents-[a-z0-9-]+$/.test(name)) return { kind: 'agents', taskQueue: `millwright-${name}` };
  throw new Error(`there is no queue "${name}"; expected ${Object.keys(queues).join(', ')} or agents-<name>`);
}

class WorkersLogger extends DefaultLogger {
  override log(...[level, message, meta]: Parameters<DefaultLogger['log']>): void {
    // Only one of the queues has workflows: that the others have none is no news.
    if (!message.startsWith('No workflows registered')) super.log(level, message, meta);
  }
}

/** Resolves when the workers have ended; `onReady` once all of them are polling. */
export async function serve(
  names: readonly string[],
  config: Config,
  onReady: (taskQueues: string[]) => void = () => undefined,
): Promise<void> {
  const wanted = names.map(taskQueueOf);
  Runtime.install({
    logger: new WorkersLogger('WARN'),
    shutdownSignals: ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2'],
    ...metricsAt(config.metrics),
  });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const workers = await Promise.all(
      wanted.map(async ({ kind, taskQueue }) =>
        Worker.create({
          ...{ connection, namespace, taskQueue, shutdownGraceTime: GRACE },
          ...struck(await kinds[kind](config), config.crash),
        }),
      ),
    );
    const unscheduled = names.includes('workflows') ? await scheduleJanitor(connection, namespace) : undefined;
    if (unscheduled !== undefined) Runtime.instance().logger.warn(unscheduled);
    const running = Promise.all(workers.map((worker) => worker.run()));
    onReady(wanted.map(({ taskQueue }) => taskQueue));
    await running;
  } finally {
    await connection.close();
  }
}
