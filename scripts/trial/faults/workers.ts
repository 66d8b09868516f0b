// Faults of workers and of their machines: they die, stand still, are struck in the middle of a stage, have no space, or a wrong clock.
import { shortages } from '../disk';
import { sleep, within, type FaultKind } from './kind';

// Longer than the server waits for a heartbeat.
const FROZEN_MS = 22_000;
const FULL_MS = [5_000, 20_000] as const;
const HOUR_SECONDS = 3_600;
const WRONG_MS = 20_000;

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself: another fault was faster.
  }
}

export const ofWorkers: readonly FaultKind[] = [
  { name: 'worker killed', make: (random) => within(random, ({ worker }) => signal(worker.pid(), 'SIGKILL')) },
  { name: 'worker told to end', make: (random) => within(random, ({ worker }) => signal(worker.pid(), 'SIGTERM')) },
  {
    name: 'worker frozen',
    make: (random) =>
      within(random, async ({ worker, struck, over }) => {
        const pid = worker.pid();
        struck('worker frozen', pid);
        signal(pid, 'SIGSTOP');
        worker.another();
        await sleep(FROZEN_MS, over);
        signal(pid, 'SIGCONT');
        struck('worker woken', pid);
      }),
  },
];

export const ofMachines: readonly FaultKind[] = [
  {
    ...{ name: 'disk full', needs: 'disk' },
    make(random) {
      const what = random.oneOf(shortages);
      const ms = random.between(...FULL_MS);
      return within(random, async ({ disk, struck, over }) => {
        const free = disk!.fill(what);
        struck(`disk full: no ${what} left`);
        await sleep(ms, over);
        free();
        struck('disk has space again');
      });
    },
  },
  {
    ...{ name: 'clock wrong', needs: 'clock' },
    make(random) {
      const off = random.oneOf([HOUR_SECONDS, -HOUR_SECONDS]);
      return within(random, async ({ clock, struck, over }) => {
        clock!.set(off);
        struck(`clock an hour ${off > 0 ? 'ahead' : 'behind'}`);
        await sleep(WRONG_MS, over);
        if (over.aborted) return;
        clock!.set(0);
        struck('clock right again');
      });
    },
  },
];

const placed = (name: string, strike: string): FaultKind => ({
  name,
  make: (random, stages) => ({ crash: `${random.oneOf(stages)}:${strike}` }),
});

export const inStages: readonly FaultKind[] = [
  placed('killed before a stage', 'before'),
  placed('killed in a stage', 'middle'),
  placed('killed after a stage', 'after'),
  placed('answer of a stage lost', 'after=lose'),
];
