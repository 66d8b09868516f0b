// Every activity that the workflows call, with the patience that each kind of work deserves.
import { proxyActivities } from '@temporalio/workflow';
import type { AgentActivities } from '../activities/agent';
import type { CandidateActivities } from '../activities/candidate';
import type { GateActivities } from '../activities/gate';
import type { MutantActivities } from '../activities/mutants';
import type { HistoryActivities } from '../activities/histories';
import type { JanitorActivities } from '../activities/janitor';
import type { OpeningActivities } from '../activities/opening';
import type { PackageActivities } from '../activities/packages';
import type { ProposalActivities } from '../activities/proposal';
import type { QueueActivities } from '../activities/queue';
import type { RecordActivities } from '../activities/record';
import type { SignatureActivities } from '../activities/signatures';
import type { MutantRecordActivities } from '../activities/record-mutants';
import type { SandboxActivities } from '../activities/sandbox';
import { queues } from '../domain/queues';
import { ledgerWords, lookWords, openingWords, proposalWords, signatureWords, told } from './timeline';

// A task that nobody takes for this long is a wait that a person should see.
const UNTAKEN = '1 minute';
// A dead worker is noticed after this long; a live one shows itself every three seconds.
const HEARTBEAT = '15 seconds';

// A repository or an endpoint that is out is waited for this long; then a person is asked.
const OUTAGE = '24 hours';

const backoff = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

export const agents = proxyActivities<AgentActivities>({
  taskQueue: queues.agents,
  scheduleToStartTimeout: UNTAKEN,
  startToCloseTimeout: '4 hours',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: { ...backoff, maximumInterval: '5 minutes' },
});

export const sandbox = proxyActivities<SandboxActivities & MutantActivities & PackageActivities>({
  taskQueue: queues.sandbox,
  scheduleToStartTimeout: UNTAKEN,
  startToCloseTimeout: '1 hour',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: backoff,
});

export const gate = proxyActivities<GateActivities>({
  taskQueue: queues.gate,
  scheduleToStartTimeout: UNTAKEN,
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry: backoff,
});

/** Nothing has begun yet: after a few tries a person hears that the repository does not answer. */
export const beginning = told<OpeningActivities>(
  proxyActivities<OpeningActivities>({
    taskQueue: queues.workflows,
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: '6 minutes',
    heartbeatTimeout: HEARTBEAT,
    retry: { ...backoff, maximumAttempts: 5 },
  }),
  openingWords,
);

type LedgerActivities = OpeningActivities & CandidateActivities & RecordActivities & MutantRecordActivities;

export const ledger = told<LedgerActivities>(
  proxyActivities<LedgerActivities>({
    taskQueue: queues.workflows,
    startToCloseTimeout: '5 minutes',
    scheduleToCloseTimeout: OUTAGE,
    heartbeatTimeout: HEARTBEAT,
    retry: backoff,
  }),
  { ...openingWords, ...ledgerWords },
);

// Only for people to see: the branch is there in any case.
export const proposals = told<ProposalActivities>(
  proxyActivities<ProposalActivities>({
    taskQueue: queues.workflows,
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: '1 hour',
    retry: backoff,
  }),
  proposalWords,
);

// A person waits for it: what cannot be verified in so many tries, some four minutes, is refused, and can be said again. Tries are
// counted, and not time: while no worker is there nobody tries, and a word is not refused for that.
export const signatures = told<SignatureActivities>(
  proxyActivities<SignatureActivities>({
    taskQueue: queues.workflows,
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: OUTAGE,
    heartbeatTimeout: HEARTBEAT,
    retry: { ...backoff, maximumAttempts: 10 },
  }),
  signatureWords,
);

// Only for people to see: a look that fails is left out, and there is another soon.
export const looks = told<QueueActivities & HistoryActivities>(
  proxyActivities<QueueActivities & HistoryActivities>({
    taskQueue: queues.workflows,
    startToCloseTimeout: '20 seconds',
    scheduleToCloseTimeout: '1 minute',
    retry: { ...backoff, maximumAttempts: 2 },
  }),
  lookWords,
);

// It is started again soon in any case.
export const janitor = proxyActivities<JanitorActivities>({
  taskQueue: queues.workflows,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: HEARTBEAT,
  retry: { ...backoff, maximumAttempts: 3 },
});
