// Histories of runs that happened. A run that began on older code must still finish on this code, so one is added with each change
// of the workflows, and none is ever edited: MILLWRIGHT_KEEP_HISTORIES=1 npx jest test/scenarios keeps those that are missing, and
// whatever shows something that none of them does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { cacheFolder } from '../src/adapters/provision/cache';
import { unhurried } from '../src/workers/unhurried';
import { workflowBundle } from '../src/workers/workflow-bundle';
import { HISTORIES, pipelines, shownBy, stored } from './scenarios/histories';

const files = readdirSync(HISTORIES);

async function replay(text: string): Promise<void> {
  const bundle = await workflowBundle(cacheFolder());
  const history = JSON.parse(text);
  // A project's id is part of its milestones' ids.
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  await Worker.runReplayHistory({ workflowBundle: bundle, ...unhurried }, history, workflowId);
}
const read = (file: string): string => readFileSync(join(HISTORIES, file), 'utf8');

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

test.each(files)('%s still replays', async (file) => {
  await replay(read(file));
});

describe('there is one that shows', () => {
  const shown = new Set(stored().flatMap(shownBy));
  const workflows = join(__dirname, '../src/workflows');
  const code = readdirSync(workflows).map((file) => readFileSync(join(workflows, file), 'utf8'));
  const patches = code.flatMap((text) => [...text.matchAll(/patched\('([\w-]+)'\)/g)].map(([, patch]) => patch!));
  const both = ['complete', 'abandoned', 'cancelled', 'to be continued'];

  test.each([
    ...pipelines().map((pipeline) => `the pipeline ${pipeline}`),
    ...[...new Set(patches)].map((patch) => `the patch ${patch}`),
    ...both.map((end) => `deliverProject ended as ${end}`),
    ...[...both, 'merged', 'skipped', 'failed', 'not opened'].map((end) => `deliverMilestone ended as ${end}`),
  ])('%s', (what) => {
    expect(shown).toContain(what);
  });
});

test.each([
  ['another activity was called', '"name":"assembleCandidate"', '"name":"assembleAnything"'],
  ['another workflow was run', '"name":"deliverMilestone"', '"name":"deliverProject"'],
])('a history in which %s does not', async (_, said, instead) => {
  const doctored = read('milestone-merged-after-rework.json').replaceAll(said, instead);
  expect(doctored).toContain(instead);
  await expect(replay(doctored)).rejects.toThrow(/nondeterminism/i);
});
