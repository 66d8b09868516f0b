// As Temporal does it with an activity: what fails because another writer was there at the moment is done again.
import { setTimeout as pause } from 'node:timers/promises';

const ATTEMPTS = 60;

/** Any other failure is one at once. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 1 || (error as { type?: string }).type !== 'RepositoryUnavailable') throw error;
      await pause(500);
    }
  }
}
