// Opens a run. A repository that does not answer is waited for under a name, and a person may call the run off meanwhile.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
} from '@temporalio/workflow';
import { abandoned } from '../domain/engine';
import { summarize } from '../domain/handoff';
import { rung } from '../domain/ladder';
import type { CalledOff, Opening } from './announce';
import { mustGoOn, type Was } from './continuing';
import { CANCELLED } from './run';
import { rootCause } from './unexpected';

const LOOK_AGAIN = ['30 seconds', '1 minute', '2 minutes', '5 minutes'] as const;

export async function opened<T extends { signed?: true }>(
  opening: Opening,
  open: () => Promise<T>,
  goOn: (was: Was) => Promise<never>,
): Promise<T | CalledOff> {
  try {
    const found = await openedInTime(opening, open, goOn);
    if ('outcome' in found && patched('says-that-it-was-called-off')) opening.end(found as CalledOff);
    return found;
  } catch (error) {
    if (isCancellation(error) && patched('says-that-it-was-called-off'))
      opening.end({ outcome: 'abandoned', reason: CANCELLED });
    throw error;
  }
}

async function openedInTime<T extends { signed?: true }>(
  opening: Opening,
  open: () => Promise<T>,
  goOn: (was: Was) => Promise<never>,
): Promise<T | CalledOff> {
  const { desk } = opening;
  for (let times = 0; ; times++) {
    const found = await unlessCalledOff(opening, open);
    if (!(found instanceof Unavailable)) {
      desk.rule = 'signed' in found && found.signed ? 'signed' : 'unsigned';
      return found;
    }
    opening.waits({ for: 'repository', since: new Date().toISOString(), detail: summarize(found.message) });
    const { resumes } = desk;
    await condition(() => desk.resumes > resumes || desk.hasOrder, rung(LOOK_AGAIN, times + 1));
    opening.waits(undefined);
    if (mustGoOn() && !desk.isBusy) await goOn({ runId: opening.runId, decided: desk.state });
  }
}

class Unavailable extends Error {}

async function unlessCalledOff<T extends object>({ desk }: Opening, open: () => Promise<T>) {
  const scope = new CancellationScope();
  let found: T | Unavailable | undefined;
  let failed: unknown;
  const opening = scope.run(open).then(
    (value) => (found = value),
    (error: unknown) => {
      failed = error;
      if (isPassing(error)) found = new Unavailable(rootCause(error).message);
    },
  );
  await condition(() => found !== undefined || failed !== undefined || desk.hasOrder);
  if (found !== undefined) return found;
  if (failed !== undefined) throw failed;
  scope.cancel();
  await opening;
  const { by, note } = desk.nextOrder()!;
  const { how, reason } = abandoned(by, note);
  return { outcome: how, reason };
}

/** Nothing that a person gave is wrong: another time it may work. */
const isPassing = (error: unknown): boolean =>
  error instanceof ActivityFailure && !(error.cause instanceof ApplicationFailure && error.cause.nonRetryable);
