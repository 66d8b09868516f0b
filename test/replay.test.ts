// Histories of runs that happened. A run that began on older code must still finish on this code, so one is added with each change
// of the workflows, and none is ever edited: MILLWRIGHT_KEEP_HISTORIES=1 npx jest test/scenarios keeps those that are missing.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { cacheFolder } from '../src/adapters/provision/cache';
import { workflowBundle } from '../src/workers/workflow-bundle';

const folder = join(__dirname, 'histories');
const files = readdirSync(folder);

async function replay(text: string): Promise<void> {
  const bundle = await workflowBundle(cacheFolder());
  const history = JSON.parse(text);
  // A project's id is part of its milestones' ids.
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, workflowId);
}
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

test.each(files)('%s still replays', async (file) => {
  await replay(read(file));
});

test.each([
  ['another activity was called', '"name":"assembleCandidate"', '"name":"assembleAnything"'],
  ['another workflow was run', '"name":"deliverMilestone"', '"name":"deliverProject"'],
])('a history in which %s does not', async (_, said, instead) => {
  const doctored = read('milestone-merged-after-rework.json').replaceAll(said, instead);
  expect(doctored).toContain(instead);
  await expect(replay(doctored)).rejects.toThrow(/nondeterminism/i);
});
