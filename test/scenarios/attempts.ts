// The attempts at an activity, as Temporal's history and the server have them: how often, how they failed, with how much patience.
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

/** How long the server goes on with attempts at a call of a model, though each fails at once. */
export async function patienceSeconds({ handle }: Delivery): Promise<number> {
  const { events } = await handle.fetchHistory();
  const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  const call = scheduled.find(({ activityType }) => activityType?.name === 'callAgent')!;
  const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts } = call.retryPolicy!;
  const [all, longest] = [secondsOf(call.scheduleToCloseTimeout), secondsOf(maximumInterval)];
  let [waited, wait] = [0, secondsOf(initialInterval)];
  for (let failed = 1; failed !== maximumAttempts && waited < all; failed++) {
    waited += Math.min(wait, longest);
    wait *= backoffCoefficient!;
  }
  return Math.min(waited, all);
}

type Duration = { seconds?: unknown; nanos?: number | null } | null | undefined;
const secondsOf = (duration: Duration): number => Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
