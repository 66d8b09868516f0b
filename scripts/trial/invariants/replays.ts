// I7, replay: every exported history replays on each of the bundles that are given. A trial is given the one that it ran on: an older
// one does not know the patches of a newer one. That histories of older code replay on this one is what test/replay.test.ts sees to.
import { readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { unhurried } from '../../../src/workers/unhurried';
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
  for (const { codePath } of bundles) {
    const options = { workflowBundle: { code: withoutPlaces(codePath) }, ...unhurried };
    for (const { workflowId, exported } of runs)
      await Worker.runReplayHistory(options, { events: exported.events }, workflowId).catch((error: Error) =>
        words.push(`${workflowId} does not replay on ${codePath}: ${error.message.split('\n')[0]}`),
      );
  }
  return words;
}

/**
 * What says where in the source each line comes from. The SDK reads it for every replay and lets none of it go, 9 MB a time:
 * after some four hundred of them a process has no memory left that it could take for that.
 */
const MAP = '//# sourceMappingURL=data:application/json';

function withoutPlaces(codePath: string): string {
  const code = readFileSync(codePath, 'utf8');
  const none = { version: 3, file: codePath, sources: [], names: [], mappings: '' };
  return `${code.slice(0, code.lastIndexOf(MAP))}${MAP};base64,${Buffer.from(JSON.stringify(none)).toString('base64')}`;
}
