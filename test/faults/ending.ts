// A run is ended by a person at Temporal's own command line: what a trial suffers by that, and where.
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isFrozen } from '../../scripts/trial/processes';
import type { Plan, Victim } from '../../scripts/trial/trial';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { searchAttributes } from '../../src/domain/names';

const execute = promisify(execFile);
const LOOK_AGAIN_MS = 100;

export const ways = {
  cancel: ['cancel'],
  terminate: ['terminate', '--reason', 'a person did it'],
  reset: ['reset', '--type', 'LastWorkflowTask', '--reason', 'a person did it'],
  'reset to its beginning': ['reset', '--type', 'FirstWorkflowTask', '--reason', 'a person did it'],
} as const;
export type Way = keyof typeof ways;

export async function endRun({ ground, handle, struck }: Victim, way: Way): Promise<void> {
  const which = ['--workflow-id', handle.workflowId, '--namespace', handle.workflowId];
  await execute(await findTemporal(), [
    ...['workflow', ...ways[way], ...which],
    ...['--address', ground.server.address],
  ]);
  struck(way);
}

export const until = async (holds: () => boolean | Promise<boolean>, over: AbortSignal) => {
  while (!over.aborted && !(await holds())) await pause(LOOK_AGAIN_MS);
};

/** While its worker stands still at this point of this work; then it goes on, and has not heard of it yet. */
export const endedAt = (work: string, way: Way): Pick<Plan, 'crash' | 'suffers'> => ({
  crash: `${work}=freeze`,
  async suffers(victim) {
    const { worker, over } = victim;
    const frozen = () => isFrozen(worker.pid());
    await until(frozen, over);
    if (!over.aborted) await endRun(victim, way);
    // A run that was reset does that work anew, and stands still there again.
    for (; !over.aborted; await until(frozen, over)) process.kill(worker.pid(), 'SIGCONT');
    process.kill(worker.pid(), 'SIGCONT');
  },
});

/** While it waits for a person. */
export function endedWhileItWaits(way: Way): Pick<Plan, 'suffers' | 'mayApprove'> {
  let ended = false;
  return {
    mayApprove: () => ended,
    async suffers(victim) {
      await until(() => waitsForApproval(victim), victim.over);
      await endRun(victim, way);
      ended = true;
    },
  };
}

export async function waitsForApproval({ handle }: Victim): Promise<boolean> {
  const { raw } = await handle.describe();
  const found = raw.workflowExecutionInfo?.searchAttributes?.indexedFields?.[searchAttributes.waitingFor]?.data;
  return found !== undefined && found !== null && Buffer.from(found).toString().includes('approval');
}
