// The activities of a run that have failed and are being tried again: what the server knows, and the run itself cannot.
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { decrypted } from '../../src/adapters/encryption/codec';
import { encryptionKeys } from '../../src/adapters/encryption/keys';

export type Retry = {
  run: string;
  activity: string;
  /** The attempt that comes next, or is under way. */
  attempt: number;
  failure: string;
  /** When it comes; absent while it is under way. */
  nextAt?: string;
};

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

export function retriesIn(run: string, { raw }: Pick<WorkflowExecutionDescription, 'raw'>): Retry[] {
  return (raw.pendingActivities ?? []).filter(hasFailed).map((pending) => {
    const nextAt = timeOf(pending.nextAttemptScheduleTime);
    return {
      ...{ run, activity: pending.activityType?.name ?? 'activity', attempt: pending.attempt ?? 1 },
      failure: failureWords(pending.lastFailure),
      ...(nextAt !== undefined && { nextAt }),
    };
  });
}

/** Where payloads are encrypted, its words are in one. */
export function failureWords(failure: Pending['lastFailure']): string {
  const attributes = failure?.encodedAttributes;
  if (!attributes) return failure?.message ?? 'it failed';
  const read = decrypted(attributes, encryptionKeys(process.env));
  if (!('payload' in read)) return 'altered' in read ? read.altered : read.lacksKey;
  const { message } = JSON.parse(Buffer.from(read.payload.data ?? []).toString()) as { message?: string };
  return message ?? 'it failed';
}

const hasFailed = ({ attempt, lastFailure }: Pending) => (attempt ?? 1) > 1 && lastFailure !== null;

function timeOf(stamp: Pending['nextAttemptScheduleTime']): string | undefined {
  if (!stamp?.seconds) return undefined;
  return new Date(Number(stamp.seconds) * 1000 + (stamp.nanos ?? 0) / 1e6).toISOString();
}
