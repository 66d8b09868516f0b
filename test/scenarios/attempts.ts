// The attempts at an activity, as Temporal's history and the server have them: how often, and how they failed.
import type { Delivery } from './delivery';

/** Of a piece of work that no worker has in hand. */
export const SCHEDULED = 1;

/** The call of a model that is under way, or waits for its next attempt. */
export async function pendingCall({ handle }: Delivery) {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'callAgent');
}

/** Of what failed: how often it was tried in all, and how it failed before the last time. */
export async function retried({ handle }: Delivery): Promise<{ attempts: number; failure: string }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => {
    if (!started?.lastFailure) return [];
    return [{ attempts: started.attempt!, failure: started.lastFailure.applicationFailureInfo?.type ?? 'timeout' }];
  });
}
