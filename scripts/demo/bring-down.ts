// Takes down what the demo has put up, the last first, however the demo ends: at its end, by a failure, or by Ctrl-C.
import { constants } from 'node:os';

export type BringDown = {
  /** Whether a signal has begun it. */
  readonly begun: boolean;
  /** What is about to be put up, and how it ends. Throws when it is too late to put up anything. */
  add(end: () => unknown): void;
  /** From here on, Ctrl-C is the way to end it, and no interruption. */
  leaveWith(exitCode: number): void;
  close(): Promise<void>;
};

export function bringDown(): BringDown {
  const ends: (() => unknown)[] = [];
  let begun = false;
  let foreseen: number | undefined;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeAll(ends));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Again and again: npm passes on what the terminal has sent already, and nothing may be left behind for that.
    process.on(signal, () => {
      if (begun) return;
      begun = true;
      if (closing === undefined)
        process.stdout.write('\nStopping: ending all processes, removing the run’s folder …\n');
      void close().finally(() => process.exit(foreseen ?? 128 + constants.signals[signal]));
    });
  }
  return {
    get begun() {
      return begun;
    },
    add: (end) => {
      if (closing !== undefined) throw new Error('everything is being ended');
      ends.push(end);
    },
    leaveWith: (exitCode) => void (foreseen = exitCode),
    close,
  };
}

async function closeAll(ends: (() => unknown)[]): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    try {
      await end();
    } catch (error) {
      // One that cannot be ended keeps none of the others up.
      console.error(error instanceof Error ? error.message : error);
    }
  }
}
