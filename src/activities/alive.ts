// Tells Temporal every few seconds that this piece of work lives, so that a dead worker is noticed soon, and a cancelled one stops.
import { cancellationSignal, heartbeat } from '@temporalio/activity';

const PULSE_MS = 3_000;

export async function alive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const pulse = setInterval(() => heartbeat(), PULSE_MS);
  try {
    return await work(cancellationSignal());
  } finally {
    clearInterval(pulse);
  }
}
