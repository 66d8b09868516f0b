// Runs that continue each other: an effect of theirs is found again by what went into it, whichever of them had it done.
import type { EffectKey } from '../domain/names';
import type { Common } from '../domain/tasks';
import { digestOfJson } from './digest';

type Activities = Readonly<Record<string, (task: never) => Promise<unknown>>>;

/** The same activities; of a task in a session, the key is the session's. */
export function inSession<A extends Activities>(activities: A): A {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [
      name,
      (task: unknown) => activity(sessionTask(task) as never),
    ]),
  ) as unknown as A;
}

function sessionTask(task: unknown): unknown {
  const { key, at: _, session, given, ...told } = task as Common;
  if (session === undefined) return task;
  const keyed = (by: unknown) => ({ ...key, runId: `${session}${GIVEN}${digestOf(by)}` });
  return { ...(task as Common), key: keyed(given ?? told), own: keyed([given ?? told, key.runId]) };
}

export const ofSession = (key: string, session: string): boolean =>
  key.startsWith(`${session}/`) || key.startsWith(`${session}${GIVEN}`);

/** An effect of a session: the runs that come after it find it by this key. */
export const isOfSession = ({ runId }: EffectKey): boolean => runId.includes(GIVEN);

/** The run in which it began. */
export const firstOfSession = ({ runId }: EffectKey): string => runId.split(GIVEN)[0]!;

const GIVEN = '~';

/** The same request to the same pipelines, agents and models; the same work for a stage. */
export const digestOf = (given: unknown): string => digestOfJson(given).slice(0, 32);
