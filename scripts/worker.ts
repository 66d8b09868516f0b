// npm run worker [-- --queues agents,sandbox]: the workers of those queues against TEMPORAL_ADDRESS, until they are told to stop.
import { queues } from '../src/domain/queues';
import { readConfig, type Config } from '../src/workers/config';
import { serve, taskQueueOf } from '../src/workers/serve';
import { Ended, exitCodes } from './cli/exit-codes';
import { prepareNamespace, withServer } from './cli/server';
import { run, verb } from './cli/verb';

const command = verb({
  name: 'worker',
  does: 'Runs the workers of some queues, or of all, against the Temporal server that TEMPORAL_ADDRESS names, until it is told to stop (Ctrl-C). Prints "ready" and the task queues once they are served.',
  examples: ['', '--queues workflows', '--queues agents,agents-local', '--queues sandbox,gate'],
})
  .option('--queues <names>', 'workflows, agents, agents-<name>, sandbox, gate', Object.keys(queues).join(','))
  .action(work);

async function work({ queues: listed }: { queues: string }): Promise<void> {
  const names = [...new Set(listed.split(',').map((name) => name.trim()))];
  const config = usable(names);
  await withServer((server) => prepareNamespace(server, (words) => console.error(words)));
  await serve(names, config, (taskQueues) => console.log(`ready ${taskQueues.join(' ')}`));
}

/** What is wrong with the queues or the environment is wrong usage. */
function usable(names: readonly string[]): Config {
  try {
    names.forEach(taskQueueOf);
    return readConfig();
  } catch (error) {
    throw new Ended(exitCodes.usage, (error as Error).message);
  }
}

run(command);
