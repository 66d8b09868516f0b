// What a kind of fault is: a part of the plan of a trial, chosen, placed and timed by chance that a seed repeats.
import { setTimeout as pause } from 'node:timers/promises';
import type { Scenario } from '../../scripted-model/server';
import type { Random } from '../random';
import type { Equipment } from '../surroundings';
import type { Plan, Victim } from '../trial';

/** Of a plan, what this fault adds. */
export type Part = Pick<Plan, 'crash' | 'suffers'> & {
  says?: (victim: () => Victim | undefined) => (scenario: Scenario) => Scenario;
};

export type FaultKind = {
  name: string;
  /** What has to be there for it. */
  needs?: Equipment | 'database';
  make(random: Random, stages: readonly string[]): Part;
};

// A milestone that nothing happens to takes some ten seconds.
const EARLY_MS = 1_000;
const LATE_MS = 15_000;

export const sleep = (ms: number, over: AbortSignal) => pause(ms, undefined, { signal: over }).catch(() => undefined);

/** At some time of the delivery, unless it is over by then. */
export const within = (random: Random, strike: (victim: Victim) => Promise<void> | void): Part => {
  const ms = random.between(EARLY_MS, LATE_MS);
  return {
    async suffers(victim) {
      await sleep(ms, victim.over);
      if (!victim.over.aborted) await strike(victim);
    },
  };
};
