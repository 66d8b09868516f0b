// Faults of Temporal's server, and of its database where that is a process of its own. Every trial under way suffers them.
import { within, type FaultKind } from './kind';

const DOWN_MS = [20_000, 60_000];
const IN_A_ROW = 3;

export const ofServer: readonly FaultKind[] = [
  { name: 'server killed', make: (random) => within(random, ({ ground }) => ground.strikeServer()) },
  {
    ...{ name: 'database restarted', needs: 'database' },
    make(random) {
      const times = random.oneOf([1, IN_A_ROW]);
      return within(random, async ({ ground, over }) => {
        for (let time = 0; time < times && !over.aborted; time++) await ground.strikeDatabase(0);
      });
    },
  },
  {
    ...{ name: 'database down', needs: 'database' },
    make(random) {
      const ms = random.oneOf(DOWN_MS);
      return within(random, ({ ground }) => ground.strikeDatabase(ms));
    },
  },
];
