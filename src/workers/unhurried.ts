// How long a step of a workflow may take, in a worker and in a replay.
import type { WorkerOptions } from '@temporalio/worker';

// The SDK has Node cut a step short after five seconds, which is apt to take the whole process along ("async hook stack has become
// corrupted"), and that of the next worker. One that takes too long is the server's to give up. The option is the SDK's own, but for
// its types.
export const unhurried = { isolateExecutionTimeout: '1 minute' } as Partial<WorkerOptions>;
