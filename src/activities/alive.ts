// Tells Temporal every few seconds that this piece of work lives, so that a dead worker is noticed soon, and a cancelled one stops.
import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { isTyped, transient } from '../domain/failures';
import type { Attempt } from './ports';

const PULSE_MS = 3_000;

/** For a worker: left to itself it keeps beats back for four fifths of the time after which it is taken for dead. */
export const heardAtOnce = { maxHeartbeatThrottleInterval: PULSE_MS / 3 };

/** The one that is under way here, as the ledger tells it from others. */
export function thisAttempt(): Attempt {
  const { attempt: number, currentAttemptScheduledTimestampMs: given } = activityInfo();
  return { number, given };
}

/** `awake` throws where nobody waits for this any more: another worker has the work by now, or the run is over. */
export async function alive<T>(work: (signal: AbortSignal, awake: () => void) => Promise<T>): Promise<T> {
  const { heartbeatTimeoutMs = Infinity } = activityInfo();
  const signal = cancellationSignal();
  // Time that has passed, whatever the clock is set to meanwhile.
  let [last, longest] = [performance.now(), 0];
  const gap = () => (longest = Math.max(longest, performance.now() - last));
  const awake = () => {
    if (gap() > heartbeatTimeoutMs) {
      const reason = `this worker stood still for ${Math.round(longest / 1000)} s`;
      throw transient('StaleAttempt', `${reason}: whoever has taken over goes on with it`);
    }
    if (signal.aborted) throw transient('StaleAttempt', 'it was called off: whatever is not done yet is left');
  };
  const pulse = setInterval(() => {
    gap();
    last = performance.now();
    heartbeat();
  }, PULSE_MS);
  try {
    return await work(signal, awake);
  } catch (error) {
    if (isTyped(error, 'StaleAttempt')) log.warn(`stale-attempt: ${error.message}`);
    throw error;
  } finally {
    clearInterval(pulse);
  }
}
