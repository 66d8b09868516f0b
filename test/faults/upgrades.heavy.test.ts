// New code comes while runs are in flight: with versions of workers, without them, and with a change that does not fit what was begun.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { change, code, deployment, plan, suite, test as testing, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { once } from '../scenarios/once';

const ROOT = join(__dirname, '../..');
// Whether a version is drained Temporal asks itself every three minutes.
const soon = { VersionDrainageStatusVisibilityGracePeriod: '"3s"', VersionDrainageStatusRefreshInterval: '"3s"' };
const settings = Object.fromEntries(Object.entries(soon).map(([name, value]) => [`matching.wv.${name}`, value]));
const mill = useMill({ definitions: small, workers: ['agents', 'sandbox', 'gate'], settings });
const script = (name: string) => ({ implement: [change(code(name))], tests: [suite(testing(name))] });

const folder = mkdtempSync(join(tmpdir(), 'millwright-next-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The product as it might be tomorrow: its milestones begin with a timer, its projects get one where they are. */
function nextVersion(): string {
  for (const name of ['src', 'scripts', 'agents', 'pipelines', 'models.yaml', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const edit = (name: string, from: string, to: string) => {
    const file = join(folder, 'src/workflows', name);
    const before = readFileSync(file, 'utf8');
    expect(before).toContain(from);
    writeFileSync(
      file,
      before
        .replace(from, to)
        .replace("from '@temporalio/workflow'", ", sleep } from '@temporalio/workflow'")
        .replace(' } ,', ','),
    );
  };
  edit(
    'deliver-milestone.ts',
    '  const kept = takenUp(given);\n',
    '  await sleep(1);\n  const kept = takenUp(given);\n',
  );
  edit(
    'milestones.ts',
    '  // What comes after the milestones',
    "  if (patched('a-pause')) await sleep(1);\n  // What comes after the milestones",
  );
  const milestones = join(folder, 'src/workflows/milestones.ts');
  writeFileSync(
    milestones,
    readFileSync(milestones, 'utf8').replace('condition, sleep }', 'condition, patched, sleep }'),
  );
  return folder;
}

// Temporal tries a task that fails less and less often.
const TROUBLE_MS = 300_000;
const DEPLOYMENT = 'mill';
const version = (build: string) => ({ MILLWRIGHT_DEPLOYMENT: DEPLOYMENT, MILLWRIGHT_BUILD: build });

/** As an operator does it, and does it again: a worker that is up may not be known to the server yet. */
async function setCurrent(...which: string[]): Promise<void> {
  const args = ['worker', 'deployment', 'set-current-version', '--deployment-name', DEPLOYMENT, ...which, '--yes'];
  const set = () =>
    mill.temporal(...args).then(
      () => 'set',
      (error: Error) => error.message,
    );
  expect(await once(set, (said) => !/missing active task queues|not found/.test(said))).toBe('set');
}

/** Of the first version: what an operator is told of it, and whether Temporal has looked since that began. */
async function drainage(): Promise<{ status?: string; looked: boolean }> {
  const which = ['--deployment-name', DEPLOYMENT, '--build-id', 'one'];
  const said = await mill.temporal('worker', 'deployment', 'describe-version', ...which, '--output', 'json');
  const { drainageInfo } = JSON.parse(said) as { drainageInfo?: Record<string, string> };
  const { drainageStatus: status, lastChangedTime: since = '', lastCheckedTime: at = '' } = drainageInfo ?? {};
  return { status, looked: Date.parse(at) > Date.parse(since) };
}

/** As the deployment itself is described: which one is current, and how each one drains. */
async function versions(): Promise<Record<string, string>> {
  const said = await mill.temporal('worker', 'deployment', 'describe', '--name', DEPLOYMENT, '--output', 'json');
  const { routingConfig, versionSummaries } = JSON.parse(said) as Deployment;
  const drained = versionSummaries.map(({ BuildID, drainageStatus }) => [BuildID, drainageStatus]);
  return { current: routingConfig.currentVersionBuildID, ...Object.fromEntries(drained) };
}

type Deployment = {
  routingConfig: { currentVersionBuildID: string };
  versionSummaries: { BuildID: string; drainageStatus: string }[];
};

/** Which versions took its tasks, in order, and whether its code had the timer of tomorrow. */
async function livedOn(id: string) {
  const { events } = JSON.parse(await mill.history(id)) as { events: Record<string, Record<string, unknown>>[] };
  const builds = events.flatMap((event) => {
    const { workerDeploymentVersion: by, deploymentVersion: also } = (event.workflowTaskCompletedEventAttributes ??
      {}) as Record<string, unknown>;
    const found = (also ?? by) as { buildId?: string } | string | undefined;
    return found === undefined ? [] : [typeof found === 'string' ? found.split(/[.:]/).at(-1)! : found.buildId!];
  });
  const timers = events.filter(({ eventType }) => String(eventType) === 'EVENT_TYPE_TIMER_STARTED').length;
  return { builds: [...new Set(builds)], timers };
}

test('a rolling upgrade: a milestone ends on the version that it began on, which is drained then; its project goes on on the new one', async () => {
  const old = await mill.startWorkerProcess('workflows', version('one'));
  await setCurrent('--build-id', 'one');
  const run = await mill.project(
    {
      project: {
        understand: [understanding()],
        plan: [plan({ first: [], second: ['first'] })],
        deploy: [deployment()],
      },
      ...{ first: script('first'), second: script('second') },
    },
    { pipeline: 'quick' },
  );
  const first = mill.milestoneOf(run, 'first');
  await first.untilItWaitsFor('approval');

  const next = await mill.startWorkerProcess('workflows', version('two'), nextVersion());
  await setCurrent('--build-id', 'two');
  // Temporal has looked once more meanwhile, and there is a milestone that ends on it.
  const meanwhile = await once(drainage, ({ status, looked }) => status === 'drained' || looked);
  expect(meanwhile).toEqual({ status: 'draining', looked: true });
  expect(await once(versions, ({ one }) => one === 'draining')).toEqual({
    current: 'two',
    one: 'draining',
    two: 'unspecified',
  });
  expect(await run.delivered()).toMatchObject({
    outcome: 'complete',
    milestones: [
      { id: 'first', state: 'merged' },
      { id: 'second', state: 'merged' },
    ],
  });
  expect(await livedOn(first.id)).toEqual({ builds: ['one'], timers: 0 });
  expect(await livedOn(mill.milestoneOf(run, 'second').id)).toEqual({ builds: ['two'], timers: 1 });
  expect(await livedOn(run.id)).toEqual({ builds: ['one', 'two'], timers: 1 });
  // Its last milestone has ended: nobody needs its workers any more.
  expect(await once(drainage, ({ status }) => status === 'drained')).toMatchObject({ status: 'drained' });
  expect(await once(versions, ({ one }) => one === 'drained')).toEqual({
    current: 'two',
    one: 'drained',
    two: 'unspecified',
  });
  await Promise.all([old.stop(60), next.stop(60)]);
  // Without versions again, for what comes.
  await setCurrent('--unversioned');
}, 600_000);

/** Those whose workflow task has failed five times, as an operator lists them. */
async function inTrouble(): Promise<string[]> {
  const query = 'TemporalReportedProblems IS NOT NULL';
  const said = await mill.temporal('workflow', 'list', '--query', query, '--output', 'json');
  return (JSON.parse(said) as { execution: { workflowId: string } }[]).map(({ execution }) => execution.workflowId);
}

test('without versions, code that does not fit leaves a run open and says so; the old code takes it to its end', async () => {
  const old = await mill.startWorkerProcess('workflows');
  const run = await mill.milestone(script('add'), { pipeline: 'quick' });
  const other = await mill.milestone(script('add'), { pipeline: 'quick' });
  const { subject } = await run.untilItWaitsFor('approval');
  await other.untilItWaitsFor('approval');
  await old.stop(60);

  const next = await mill.startWorkerProcess('workflows', {}, folder);
  await run.say('approve', { subject, by: 'ada' });
  await other.say('approve', { subject: 'f'.repeat(40), by: 'mallory' });
  const complaint = async () => (await mill.history(run.id)).match(/Nondeterminism|NON_DETERMINISTIC_ERROR/i);
  while ((await complaint()) === null) await pause(500);
  expect((await run.handle.describe()).status.name).toBe('RUNNING');
  const told = await once(
    () => mill.told('status', run.id),
    (out) => /Nondeterminism/.test(out),
  );
  expect(told.replace(/\s+/g, ' ')).toMatch(/its workflow task fails \(.*Nondeterminism error.*docs\/upgrades\.md/);
  expect(told).not.toContain('npm run worker');
  expect(run.git('rev-list', '--count', '--merges', 'main')).toBe('0');
  const both = [run.id, other.id].sort();
  expect((await once(inTrouble, (ids) => ids.length >= both.length, TROUBLE_MS)).sort()).toEqual(both);
  await next.stop(60);

  const again = await mill.startWorkerProcess('workflows');
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(run.calls()).toHaveLength(2);
  // What is open still is no longer among them, either.
  await other.until(({ decisions }) => decisions.refused === 1);
  expect(await once(inTrouble, (ids) => ids.length === 0)).toEqual([]);
  expect((await other.handle.describe()).status.name).toBe('RUNNING');
  await other.approve();
  expect(await other.result()).toMatchObject({ outcome: 'merged' });
  await again.stop(60);
}, 900_000);
