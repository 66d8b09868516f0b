// The two clocks of a model call: how long it may take in all, and how long it may say nothing.

// Once all is said, nobody waits long for the connection to end.
const LAST_WORDS_SECONDS = 1;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Stalled extends Error {}

export type Patience = {
  /** Aborted by a clock, with `Stalled`, or by the caller. */
  signal: AbortSignal;
  /** Which clock ran out. */
  stalled(): Stalled | undefined;
  /** There was a sign of life. */
  heard(): void;
  /** All is said; only the end of the connection is missing. */
  done(): void;
  over(): void;
};

export function startPatience(
  { totalSeconds, idleSeconds }: { totalSeconds: number; idleSeconds: number },
  cancelled: AbortSignal,
): Patience {
  const controller = new AbortController();
  const cancel = () => controller.abort(cancelled.reason);
  const after = (seconds: number, words: string) =>
    setTimeout(() => controller.abort(new Stalled(words)), Math.min(seconds * 1000, LONGEST_TIMER_MS));
  const total = after(totalSeconds, `was not done after ${totalSeconds} s`);
  let idle = after(idleSeconds, `said nothing for ${idleSeconds} s`);
  cancelled.addEventListener('abort', cancel, { once: true });

  return {
    signal: controller.signal,
    stalled: () => (controller.signal.reason instanceof Stalled ? controller.signal.reason : undefined),
    heard: () => void idle.refresh(),
    done() {
      clearTimeout(idle);
      idle = after(LAST_WORDS_SECONDS, 'did not hang up');
    },
    over() {
      clearTimeout(total);
      clearTimeout(idle);
      cancelled.removeEventListener('abort', cancel);
    },
  };
}
