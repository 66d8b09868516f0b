// I7, replay: every exported history replays on the bundles that it is given: the one that it ran on, and the one before.
import { Worker } from '@temporalio/worker';
import type { Evidence } from '../evidence';
import type { Words } from './words';

export type Bundle = { codePath: string };

let before: Promise<unknown> = Promise.resolve();

/** One after the other: Temporal's runtime goes down with the last worker of a process, and takes another's first steps along. */
export function replays(evidence: Evidence, bundles: readonly Bundle[]): Promise<Words> {
  const mine = before.then(() => replayedOn(evidence, bundles));
  before = mine.catch(() => undefined);
  return mine;
}

async function replayedOn({ runs }: Evidence, bundles: readonly Bundle[]): Promise<Words> {
  if (bundles.length === 0) return ['there is no code to replay the histories on: it shows nothing'];
  const words: Words = [];
  for (const workflowBundle of bundles)
    for (const { workflowId, exported } of runs)
      await Worker.runReplayHistory({ workflowBundle }, { events: exported.events }, workflowId).catch((error: Error) =>
        words.push(`${workflowId} does not replay on ${workflowBundle.codePath}: ${error.message.split('\n')[0]}`),
      );
  return words;
}
