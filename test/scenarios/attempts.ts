// The attempts at an activity, as Temporal's history has them: how often, and how they failed.
import type { Delivery } from './delivery';

/** Of what failed: how often it was tried in all, and how it failed before the last time. */
export async function retried({ handle }: Delivery): Promise<{ attempts: number; failure: string }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) => {
    if (!started?.lastFailure) return [];
    return [{ attempts: started.attempt!, failure: started.lastFailure.applicationFailureInfo?.type ?? 'timeout' }];
  });
}
