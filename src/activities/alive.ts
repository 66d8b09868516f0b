// Tells Temporal every few seconds that this piece of work lives, so that a dead worker is noticed soon, and a cancelled one stops.
import { activityInfo, ApplicationFailure, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import { transient } from '../domain/failures';

const PULSE_MS = 3_000;

/** `awake` throws where this process stood still for so long that another worker has the work by now. */
export async function alive<T>(work: (signal: AbortSignal, awake: () => void) => Promise<T>): Promise<T> {
  const { heartbeatTimeoutMs = Infinity } = activityInfo();
  let [last, longest] = [Date.now(), 0];
  const gap = () => (longest = Math.max(longest, Date.now() - last));
  const awake = () => {
    if (gap() <= heartbeatTimeoutMs) return;
    const reason = `this worker stood still for ${Math.round(longest / 1000)} s`;
    throw transient('StaleAttempt', `${reason}: whoever has taken over goes on with it`);
  };
  const pulse = setInterval(() => {
    gap();
    last = Date.now();
    heartbeat();
  }, PULSE_MS);
  try {
    return await work(cancellationSignal(), awake);
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'StaleAttempt')
      log.warn(`stale-attempt: ${error.message}`);
    throw error;
  } finally {
    clearInterval(pulse);
  }
}
