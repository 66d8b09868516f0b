// How soon work goes on after a fault, against the bounds of FAULTS.md.
import type { Fault } from './evidence';

/** What an activity, or a workflow without one, may stand still for after the last fault. */
export const BOUND_SECONDS = 25;

// What a stage or a model does to itself has no bound of its own.
const bounds: readonly [RegExp, number][] = [
  [/^worker (ended|frozen|cut off)|^frozen$/, BOUND_SECONDS],
  [/^(server|line to the server) back/, 30],
  [/^database back/, 60],
];

/** How long after a fault something was begun again. */
export type Recovery = { what: string; seconds: number; bound?: number };

export function recoveriesOf(faults: readonly Fault[], starts: readonly string[]): Recovery[] {
  const begun = starts.map((at) => Date.parse(at)).sort((a, b) => a - b);
  return faults.flatMap(({ at, what }) => {
    const next = begun.find((time) => time > Date.parse(at));
    const bound = bounds.find(([fault]) => fault.test(what))?.[1];
    if (next === undefined) return []; // nothing was left to begin
    return [{ what, seconds: (next - Date.parse(at)) / 1000, ...(bound !== undefined && { bound }) }];
  });
}
