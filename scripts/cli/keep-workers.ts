// Keeps the workers of `dev` up: one process for all queues, started again when it dies, until that happens too often.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitInWords } from '../stack/guarded';
import { endOfLog } from '../stack/log-file';
import type { Processes, RunningProcess } from '../stack/processes';
import { Ended, exitCodes } from './exit-codes';
import { manyLines } from './safe-text';

const READY_SECONDS = 120;
const DEATHS_LIMIT = 5;
// One that has worked for so long has not died of how it was started.
const FORGIVEN_MS = 10 * 60_000;

type Server = { address: string; namespace: string };

/** Resolves when the workers are ready; `lost` fails when they cannot be kept up. */
export async function keepWorkers(
  processes: Processes,
  { address, namespace }: Server,
  { say, stopping }: { say: (line: string) => void; stopping: AbortSignal },
): Promise<{ lost: Promise<never> }> {
  let count = 0;
  const begin = () =>
    processes.start({
      name: `worker-${++count}`,
      command: process.execPath,
      args: [join(__dirname, '../run.cjs'), 'worker'],
      env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
      show: (line) => line.startsWith('ready ') || say(`worker: ${manyLines(line)}`),
    });
  const first = await begin();
  await first.said(/^ready /m, READY_SECONDS);
  const lost = keep(first, begin, say, stopping);
  lost.catch(() => undefined); // It may fail before anybody waits for that.
  return { lost };
}

async function keep(
  first: RunningProcess,
  begin: () => Promise<RunningProcess>,
  say: (line: string) => void,
  stopping: AbortSignal,
): Promise<never> {
  let worker = first;
  for (let deaths = 1; ; deaths++) {
    const since = Date.now();
    const exit = exitInWords(await worker.exited);
    if (stopping.aborted) await new Promise(() => undefined);
    if (Date.now() - since > FORGIVEN_MS) deaths = 1;
    if (deaths > DEATHS_LIMIT) {
      const words = `The workers have ended ${deaths} times in a row, now with ${exit}. ${endOfLog(worker.log)}`;
      throw new Ended(exitCodes.failed, words);
    }
    say(`The workers have ended (${exit}); starting them again. Nothing is lost: work goes on where it was.`);
    await pause(deaths * 1_000);
    worker = await begin();
  }
}
