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

const slownesses: readonly [string, Slowness][] = [
  ['2 s late', { delayMs: 2_000 }],
  ['at 1 kB/s', { bytesPerSecond: 1_000 }],
];

type End = keyof Victim['lines'];

const cut = (end: End, durations: readonly number[]): FaultKind => ({
  name: `cut off from the ${end}`,
  make(random) {
    const ms = random.oneOf(durations);
    return within(random, async ({ lines, struck, over }) => {
      struck(`line to the ${end} cut, for ${ms / 1000} s`);
      lines[end].cut();
      await sleep(ms, over);
      lines[end].mend();
      struck(`line to the ${end} back`);
    });
  },
});

const reset = (end: End): FaultKind => ({
  name: `connections to the ${end} reset`,
  make(random: Random) {
    const pauses = Array.from({ length: RESETS }, () => random.between(...BETWEEN_RESETS_MS));
    return within(random, async ({ lines, struck, over }) => {
      for (const ms of pauses) {
        if (over.aborted) return;
        struck(`connections to the ${end} reset`);
        lines[end].reset();
        await sleep(ms, over);
      }
    });
  },
});

const slow = (end: End): FaultKind => ({
  name: `slow line to the ${end}`,
  make(random) {
    const [words, how] = random.oneOf(slownesses);
    return within(random, async ({ lines, struck, over }) => {
      struck(`line to the ${end} ${words}`);
      lines[end].slow(how);
      await sleep(SLOW_MS, over);
      lines[end].mend();
      struck(`line to the ${end} fast again`);
    });
  },
});

/** It goes on with what it has in hand, while its work is given to another one: a second hand at the same thing. */
const cutWhileAnotherWorks: FaultKind = {
  name: 'cut off while another works',
  make: (random) =>
    within(random, async ({ lines, worker, direct, struck, over }) => {
      struck('worker cut off from the server, another there');
      lines.server.cut();
      worker.another(direct);
      await sleep(GIVEN_AWAY_MS, over);
      lines.server.mend();
      struck('worker back at the server');
    }),
};

export const ofNetwork: readonly FaultKind[] = [
  ...[cut('server', CUT_MS), cutWhileAnotherWorks, reset('server'), slow('server')],
  ...[cut('model', CUT_FROM_MODEL_MS), reset('model'), slow('model')],
];
