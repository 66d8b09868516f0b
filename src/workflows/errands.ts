// What has been sent to other runs, or started, and is not known to have arrived: a history does not end before it is.
import { CancellationScope, patched } from '@temporalio/workflow';

let underway = 0;

export function sent<T>(errand: Promise<T>): Promise<T> {
  underway += 1;
  const arrived = () => void (underway -= 1);
  errand.then(arrived, arrived);
  return errand;
}

/** Also out of what is cancelled, whence Temporal sends nothing. A run that began before there was this has not sent it. */
export function sentAnyway<T>(errand: () => Promise<T>): Promise<T> {
  const shielded = CancellationScope.current().consideredCancelled && patched('sent-though-cancelled');
  return sent(shielded ? CancellationScope.nonCancellable(errand) : errand());
}

export const allSent = (): boolean => underway === 0;
