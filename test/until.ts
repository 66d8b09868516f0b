import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/** Until this holds; an error, where it never does. */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  for (const deadline = performance.now() + patienceMs; !(await holds()); await pause(LOOK_AGAIN_MS))
    if (performance.now() > deadline) throw new Error(`it never came: ${String(holds)}`);
}
