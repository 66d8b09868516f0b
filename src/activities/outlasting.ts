// What has cost money is not thrown away because the repository was away for a moment.
import { ApplicationFailure, sleep } from '@temporalio/activity';

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];
const PASSING: readonly string[] = ['RepositoryUnavailable', 'DiskFull'];

/** Does it again where it failed in passing, for as long as this attempt is at work; what lasts longer is the next attempt's. */
export async function outlasting<T>(work: () => Promise<T>, awake: () => void): Promise<T> {
  for (const ms of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || !PASSING.includes(error.type ?? '') || error.nonRetryable)
        throw error;
    }
    await sleep(ms);
    awake();
  }
  return work();
}
