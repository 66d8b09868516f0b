import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is reached by weak references alone is gone afterwards: some of it only once a turn of the loop let go of it. */
export async function collectGarbage(): Promise<void> {
  for (let each = 0; each < 5; each++) {
    await pause(10);
    collect();
  }
}
