import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 100;

/**
 * What is found once this holds of it: what the server lists is some moments old. Where it never holds, what was found last, for
 * the test to say what is wrong with it.
 */
export async function once<T>(
  look: () => Promise<T>,
  holds: (found: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  for (const deadline = performance.now() + patienceMs; ; await pause(LOOK_AGAIN_MS)) {
    const found = await look();
    if (holds(found) || performance.now() > deadline) return found;
  }
}
