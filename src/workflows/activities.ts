// Every activity that the workflows call, with the patience that each kind of work deserves.
import { proxyActivities } from '@temporalio/workflow';
import type { AgentActivities } from '../activities/agent';
import type { CandidateActivities } from '../activities/candidate';
import type { GateActivities } from '../activities/gate';
import type { OpeningActivities } from '../activities/opening';
import type { RecordActivities } from '../activities/record';
import type { SandboxActivities } from '../activities/sandbox';
import { queues } from '../domain/queues';

// Nobody on the queue for this long is a wait that a person should see.
const UNATTENDED = '2 minutes';
// A dead worker is noticed after this long; a live one shows itself every three seconds.
const HEARTBEAT = '15 seconds';

// A repository or an endpoint that is out is waited for this long; then a person is asked.
const OUTAGE = '24 hours';

const backoff = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

export const agents = proxyActivities<AgentActivities>({
  taskQueue: queues.agents,
  scheduleToStartTimeout: UNATTENDED,
  startToCloseTimeout: '4 hours',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: { ...backoff, maximumInterval: '5 minutes' },
});

export const sandbox = proxyActivities<SandboxActivities>({
  taskQueue: queues.sandbox,
  scheduleToStartTimeout: UNATTENDED,
  startToCloseTimeout: '1 hour',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: backoff,
});

export const gate = proxyActivities<GateActivities>({
  taskQueue: queues.gate,
  scheduleToStartTimeout: UNATTENDED,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: backoff,
});

/** Nothing has begun yet: after a few tries a person hears that the repository does not answer. */
export const beginning = proxyActivities<OpeningActivities>({
  taskQueue: queues.workflows,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '6 minutes',
  heartbeatTimeout: HEARTBEAT,
  retry: { ...backoff, maximumAttempts: 5 },
});

export const ledger = proxyActivities<OpeningActivities & CandidateActivities & RecordActivities>({
  taskQueue: queues.workflows,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: backoff,
});
