// The steps of setting up, each with a line that says what is done, and how long it took.
import type { Display } from './display';

const SHOWN_FROM_MS = 1_000;

export type Step = <T>(name: string, work: (progress: (line: string) => void) => Promise<T>) => Promise<T>;

/** The line comes when the step is done; what is slow says so itself meanwhile. */
export function stepsOn(display: Display): Step {
  return async (name, work) => {
    const began = performance.now();
    const result = await work((line) => display.say(`  … ${line}`, 'dim'));
    const ms = performance.now() - began;
    const time = ms < SHOWN_FROM_MS ? '' : ` (${(ms / 1000).toFixed(1)} s)`;
    display.say(`  ✓ ${name}${time}`);
    return result;
  };
}
