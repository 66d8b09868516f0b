// What a trial shows that lost work or did it twice, stood still, or would not replay (I3, I4, I7): each by one record that
// somebody has tampered with.
import type { HistoryEvent } from '../../../scripts/trial/history';
import {
  endInstead,
  answeredInstead,
  completedOf,
  eventsOf,
  payload,
  type Copy,
  type Scheduled,
  type Tampered,
} from '../tampering';

const [LONG_AGO, NEVER] = ['2000-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z'];

/** It has not ended a minute later, and this is what it is listed as waiting for. */
function standStill(copy: Copy, waitingFor: string | null): void {
  copy.history((events) => {
    events.pop();
    const upserted = eventsOf(events, 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES').at(-1) as unknown as Upserted;
    upserted.upsertWorkflowSearchAttributesEventAttributes.searchAttributes.indexedFields.MillwrightWaitingFor =
      payload(waitingFor);
  });
  copy.trial((trial) => (trial.ended = new Date(Date.parse(trial.ended) + 60_000).toISOString()));
}
type Upserted = {
  upsertWorkflowSearchAttributesEventAttributes: { searchAttributes: { indexedFields: Record<string, unknown> } };
};

export const work: Tampered[] = [
  [
    'I3',
    'an activity that was completed twice',
    /completed callAgent of \S+ 2 times/,
    (copy) =>
      copy.history((events) => {
        const again = (event: HistoryEvent, more: object) =>
          events.push({ ...event, eventId: `${events.length + 1}`, ...more });
        const scheduled = eventsOf(events, 'ACTIVITY_TASK_SCHEDULED').find((event) =>
          JSON.stringify(event).includes('callAgent'),
        )!;
        again(scheduled, {});
        const scheduledEventId = `${events.length}`;
        const completed = completedOf(events, 'callAgent');
        again(eventsOf(events, 'ACTIVITY_TASK_COMPLETED')[0]!, {
          activityTaskCompletedEventAttributes: { ...completed, scheduledEventId },
        });
      }),
  ],
  [
    'I3',
    'a model that was paid twice for one turn',
    /was paid 2 times for/,
    (copy) => copy.calls((calls) => calls.push({ ...calls[0]! })),
  ],
  [
    'I3',
    'a finished turn that was asked again',
    /turn 1 was asked again after turn 2/,
    (copy) => copy.calls((calls) => calls.splice(2, 0, { ...calls[0]!, repeated: true })),
  ],
  [
    'I3',
    'tokens that no ledger has',
    /the ledger has \d+ output tokens, the model server's log \d+/,
    (copy) => copy.calls((calls) => (calls[0]!.outputTokens += 1)),
  ],
  [
    'I3',
    'work that the ledger lost',
    /relies on \S+ of \S+ \S+ \S+ at \w+, which no ledger holds/,
    (copy) => {
      copy.git('update-ref', copy.ledger, `${copy.ledger}~3`);
    },
  ],
  [
    'I3',
    'tokens that nobody has given out',
    /the ledger has \d+ input tokens, the model server's log \d+/,
    (copy) => copy.calls((calls) => (calls[0]!.inputTokens -= 1)),
  ],
  [
    'I3',
    'an account of a call that the model never heard',
    /design\/1: the ledger has \d+ output tokens, the model server's log 0/,
    (copy) =>
      copy.calls((calls) => {
        const at = calls.findIndex(({ stage }) => stage === 'design');
        calls.splice(at, 1);
      }),
  ],
  [
    'I3',
    'finished work without an account of what it cost',
    /design\/1 was completed, and no ledger has an account of what it cost/,
    (copy) => copy.ledgered('stages/design/1/call.json'),
  ],
  [
    'I3',
    'work that its entry in the ledger does not hold',
    /relies on stages\/design\/1\/Nothing.json of \S+ \S+ \S+ at \w+, which no ledger holds/,
    (copy) =>
      copy.history((events) =>
        answeredInstead<{ artifact: { path: string } }>(events, 'callAgent', ({ artifact }) => {
          artifact.path = 'stages/design/1/Nothing.json';
        }),
      ),
  ],
  [
    'I3',
    'a turn that was asked again with other words',
    /turn-1 was asked again with another prompt/,
    (copy) => copy.calls((calls) => calls.splice(1, 0, { ...calls[0]!, repeated: true, otherPrompt: true })),
  ],
  [
    'I3',
    'a call that no history knows of',
    /the model was asked \S+\/dream\/1\/turn-1, and no history knows of that/,
    (copy) => copy.calls((calls) => calls.push({ ...calls[0]!, key: calls[0]!.key.replace('specify', 'dream') })),
  ],
  [
    'I3',
    'a turn that was asked more often than it was attempted',
    /turn-1 was asked 2 times in 1 attempts/,
    (copy) => copy.calls((calls) => calls.splice(1, 0, { ...calls[0]!, repeated: true })),
  ],
  [
    'I3',
    'a call after its work was completed',
    /was asked at 2999-\S+, after callAgent of \S+ had been completed/,
    (copy) => copy.calls((calls) => (calls[0]!.at = NEVER)),
  ],
  ...[NEVER, LONG_AGO].map((at): Tampered => [
    'I3',
    `a sandbox that ran in ${at.slice(0, 4)}`,
    new RegExp(`a sandbox ran node \\S+ \\S+ at ${at}, when no test run was under way`),
    (copy) => copy.sandbox((entries) => (entries[0]!.at = at)),
  ]),
  [
    'I4',
    'a milestone that was given up',
    /checked is failed \(it was too hard\), and nobody called it off/,
    (copy) =>
      copy.history((events) => {
        const { result } = events.at(-1)!.workflowExecutionCompletedEventAttributes as {
          result: { payloads: unknown[] };
        };
        result.payloads = [payload({ outcome: 'failed', reason: 'it was too hard' })];
      }),
  ],
  [
    'I4',
    'a run that failed',
    /checked is failed \(broken\), and nobody called it off/,
    (copy) => copy.history(endInstead('FAILED', { failure: { message: 'broken' } })),
  ],
  ['I4', 'a run that stands still without a word', /has neither ended nor a reason/, (copy) => standStill(copy, null)],
  [
    'I4',
    'a run that Temporal never heard of',
    /has no history of it/,
    (copy) => copy.trial((trial) => trial.started.push('lost')),
  ],
  [
    'I4',
    'a run that waits for what has no name',
    /has neither ended nor a reason: \d+ s after the last fault it waits for "better weather"/,
    (copy) => standStill(copy, 'better weather'),
  ],
  [
    'I4',
    'an answer that is nearly too large for Temporal',
    /checked has a payload of 256002 bytes in its event \d+: 256000 are allowed/,
    (copy) =>
      copy.history((events) => {
        completedOf(events, 'callAgent').result.payloads = [payload('x'.repeat(256_000))];
      }),
  ],
  [
    'I7',
    'a history that this code would not have made',
    /does not replay/,
    (copy) =>
      copy.history((events) => {
        const [, event] = eventsOf(events, 'ACTIVITY_TASK_SCHEDULED') as unknown as Scheduled[];
        event!.activityTaskScheduledEventAttributes.activityType.name = 'callAnything';
      }),
  ],
];
