// Faults of the network between workers and Temporal's server, and between workers and the model.
import type { Random } from '../random';
import type { Slowness } from '../line';
import type { Victim } from '../trial';
import { sleep, within, type FaultKind } from './kind';

// The second is longer than the server waits for a heartbeat.
const CUT_MS = [5_000, 60_000];
const CUT_FROM_MODEL_MS = [5_000, 30_000];
const GIVEN_AWAY_MS = 30_000;
const SLOW_MS = 15_000;
const RESETS = 3;
const BETWEEN_RESETS_MS = [200, 3_000] as const;

const slownesses = {
  '2 s late': { delayMs: 2_000 },
  'at 1 kB/s': { bytesPerSecond: 1_000 },
} satisfies Record<string, Slowness>;
type Slow = keyof typeof slownesses;

type End = keyof Victim['lines'];

/** Strikes before anything else happens; the line is as it was when it is done. */
export type Blow = (victim: Victim) => Promise<void>;

// ── blows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const cut =
  (end: End, ms: number): Blow =>
  async ({ lines, struck, over }) => {
    struck(`line to the ${end} cut, for ${ms / 1000} s`);
    lines[end].cut();
    await sleep(ms, over);
    lines[end].mend();
    struck(`line to the ${end} back`);
  };

/** It goes on with what it has in hand, while its work is given to another one: a second hand at the same thing. */
export const cutWhileAnotherWorks =
  (ms: number): Blow =>
  async ({ lines, worker, direct, struck, over }) => {
    struck('worker cut off from the server, another there');
    lines.server.cut();
    worker.another(direct);
    await sleep(ms, over);
    lines.server.mend();
    struck('worker back at the server');
  };

/** Time and again, with these pauses after each. */
export const reset =
  (end: End, pauses: readonly number[]): Blow =>
  async ({ lines, struck, over }) => {
    for (const ms of pauses) {
      if (over.aborted) return;
      struck(`connections to the ${end} reset, ${lines[end].reset()} of them`);
      await sleep(ms, over);
    }
  };

export const slow =
  (end: End, how: Slow): Blow =>
  async ({ lines, struck, over }) => {
    struck(`line to the ${end} ${how}`);
    lines[end].slow(slownesses[how]);
    await sleep(SLOW_MS, over);
    lines[end].mend();
    struck(`line to the ${end} fast again`);
  };

// ── drawn ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const drawn = (name: string, draw: (random: Random) => Blow): FaultKind => ({
  name,
  make(random) {
    const blow = draw(random);
    return within(random, blow);
  },
});

const cuts = (end: End, durations: readonly number[]): FaultKind =>
  drawn(`cut off from the ${end}`, (random) => cut(end, random.oneOf(durations)));

const resets = (end: End): FaultKind =>
  drawn(`connections to the ${end} reset`, (random) =>
    reset(
      end,
      Array.from({ length: RESETS }, () => random.between(...BETWEEN_RESETS_MS)),
    ),
  );

const slows = (end: End): FaultKind =>
  drawn(`slow line to the ${end}`, (random) => slow(end, random.oneOf(Object.keys(slownesses) as Slow[])));

export const ofNetwork: readonly FaultKind[] = [
  cuts('server', CUT_MS),
  drawn('cut off while another works', () => cutWhileAnotherWorks(GIVEN_AWAY_MS)),
  ...[resets('server'), slows('server')],
  ...[cuts('model', CUT_FROM_MODEL_MS), resets('model'), slows('model')],
];
