/** How many milliseconds this takes at its quickest: whatever else a machine does makes a try longer, never shorter. */
export const quickest = (work: () => unknown, tries = 3) => least(() => performance.now(), work, tries);

/** How many milliseconds this process computes for this, at the least: waiting, also for a turn, does not count. */
export const leastComputed = (work: () => unknown, tries = 3) => least(computedMs, work, tries);

function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function least(clock: () => number, work: () => unknown, tries: number): Promise<number> {
  let shortest = Infinity;
  for (let each = 0; each < tries; each++) {
    const began = clock();
    await work();
    shortest = Math.min(shortest, clock() - began);
  }
  return shortest;
}
