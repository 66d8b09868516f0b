// What tests of long runs need: a server that takes a fiftieth of what others take, rounds without end, and the size of what a history holds.
import { change, code, issue, review } from './answers';
import type { Script } from './script';

/** A server's limits of a history, by 50. */
export const crowded = {
  'limit.historyCount.suggestContinueAsNew': 82,
  'limit.historyCount.warn': 205,
  'limit.historyCount.error': 1_024,
  'limit.historySize.suggestContinueAsNew': 83_886,
  'limit.historySize.warn': 209_715,
  'limit.historySize.error': 1_048_576,
};

/** Sent back, and sent back: nothing is merged, and no sandbox is needed. */
export const circling = {
  'pipelines/circling.yaml': `name: circling
stages:
  implement: { agent: coder }
  assemble: { check: assembly, needs: [implement] }
  review: { agent: critic, needs: [assemble], onRework: { to: implement, max: 20 } }
`,
};

/** What is said in it: no, until this round. */
export const circlingFor = (rounds: number): Script => ({
  implement: ({ iteration }) => change(code('add', `a + b + ${iteration}`)),
  review: ({ iteration }) =>
    iteration < rounds
      ? review({ verdict: 'needs_revision', issues: [issue('major', `not ${iteration}`)], score: 0.1 })
      : review(),
});

/** In bytes; of one value, argument or result. */
export function largestPayload(found: unknown): number {
  if (found instanceof Uint8Array) return found.length;
  if (typeof found !== 'object' || found === null) return 0;
  return Object.values(found).reduce<number>((largest, value) => Math.max(largest, largestPayload(value)), 0);
}
