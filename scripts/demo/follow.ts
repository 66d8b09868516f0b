// Follows the project to its end: shows how it stands, and has what waits for a person settled, one thing after the other.
import { setTimeout as pause } from 'node:timers/promises';
import type { Status, WaitReason } from '../../src/domain/status';
import { Ended, exitCodes } from '../cli/exit-codes';
import { isUnreached, type Connected } from '../cli/server';
import { seeRun, type Memory, type Sight } from '../cli/sight';
import { isFailing, NO_WORKER } from '../cli/silence';
import { waitsOf, type Wait } from '../cli/waits';
import type { Display, Standings } from './display';

const LOOK_MS = 500;
const SERVER_AWAY = '… the Temporal server does not answer at the moment; asking again';
const WORKER_AWAY = '… no worker answers at the moment; asking again';

export type Settle = (wait: Wait) => Promise<void>;
export type Followed = { sight: Sight; milestones: readonly Status[]; settledMs: number };

export async function follow(server: Connected, id: string, display: Display, settle: Settle): Promise<Followed> {
  const memory: Memory = new Map();
  let last: Standings | undefined;
  let settledMs = 0;
  for (; ; await pause(LOOK_MS)) {
    const sight = await seeRun(server, id, memory).catch((error: unknown) => {
      if (!isUnreached(error)) throw error;
      return undefined;
    });
    if (sight?.failure !== undefined) throw new Ended(exitCodes.failed, `The project has failed: ${sight.failure}`);
    last = standingsIn(sight, last) ?? last;
    if (last !== undefined) display.show(last, noteOn(sight));
    if (sight?.over) return { sight, milestones: last?.milestones ?? [], settledMs };
    const [wait] = sight?.status === undefined ? [] : waitsOf(sight.status, sight.milestones).filter(forAPerson);
    if (wait === undefined) continue;
    const began = Date.now();
    await settle(wait);
    settledMs += Date.now() - began;
  }
}

/** The milestones as they are now, and those that give no answer at the moment as they were. */
export function keepingSeen(before: readonly Status[], now: readonly Status[]): Status[] {
  const found = (id: string) => now.find((milestone) => milestone.id === id);
  const begun = now.filter(({ id }) => !before.some((milestone) => milestone.id === id));
  return [...before.map((milestone) => found(milestone.id) ?? milestone), ...begun];
}

function standingsIn(sight: Sight | undefined, before: Standings | undefined): Standings | undefined {
  if (sight?.status === undefined) return undefined;
  const { status, milestones, retries } = sight;
  return { status, milestones: keepingSeen(before?.milestones ?? [], milestones), retries };
}

function noteOn(sight: Sight | undefined): string | undefined {
  if (sight === undefined) return SERVER_AWAY;
  if (sight.status !== undefined) return undefined;
  const { silence = NO_WORKER } = sight;
  return isFailing(silence) ? `… ${silence}` : WORKER_AWAY;
}

const PERSONAL: readonly WaitReason[] = ['approval', 'plan', 'guidance', 'credentials', 'sandbox', 'resume'];

/** What waits for a worker goes on by itself: the demo keeps one up. */
const forAPerson = ({ waiting }: Wait): boolean => PERSONAL.includes(waiting.for);
