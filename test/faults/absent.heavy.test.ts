// All workers die at once, in the middle of everything, and none is there for ten minutes: longer than most waits of a workflow last.
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signed } from '../../scripts/cli/sign';
import type { RunningProcess } from '../../scripts/stack/processes';
import type { HistoryEvent } from '../../scripts/trial/history';
import { queues } from '../../src/domain/queues';
import { firstRunOf } from '../../src/domain/signature';
import { ground, sound } from '../adapters/git/ground';
import { newKey } from '../hostile/keys';
import { change, code, deployment, plan, suite, test as testing, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import type { Delivery } from '../scenarios/delivery';
import { kill, useMill } from '../scenarios/mill';
import { silentOnce, type Script } from '../scenarios/script';
import { slow } from '../scenarios/slow';
import { until } from '../until';

const AWAY_MS = 10 * 60_000;
const DRAINED_MS = 2 * 60_000;
const PATIENCE_MS = 240_000;
const TEST_LIMIT_MS = 2_400_000;

const key = newKey('ada');
const signers = join(ground, 'signers');
writeFileSync(signers, `ada ${execFileSync('ssh-keygen', ['-y', '-f', key]).toString()}`);
const mill = useMill({ definitions: small, workers: [], environment: { MILLWRIGHT_ALLOWED_SIGNERS: signers } });

let serving: RunningProcess[] = [];
const startAll = async () => {
  serving = await Promise.all(['workflows,gate', 'agents,sandbox'].map((listed) => mill.startWorkerProcess(listed)));
};

const script = (name = 'add'): Script => ({ implement: [change(code(name))], tests: [suite(testing(name))] });
const quick = (more: { implement?: Script[string]; repository?: string } = {}) => {
  const { implement, repository } = more;
  const request = { pipeline: 'quick', ...(repository && { repository }) };
  return mill.milestone({ ...script(), ...(implement && { implement }) }, request);
};

async function approve(run: Delivery, { subject }: { subject?: string }): Promise<void> {
  const name = { workflowId: run.id, runId: firstRunOf(await run.handle.describe()) };
  await run.say('approve', await signed({ file: key }, name, 'approve', { subject: subject!, by: 'ada' }));
}

/** Whoever reads the list of signers from now on gets no end of it, until it is a file again. */
function holdSigners(): () => void {
  const [pipe, list] = [`${signers}.pipe`, `${signers}.list`];
  execFileSync('mkfifo', [pipe]);
  execFileSync('cp', [signers, list]);
  renameSync(pipe, signers);
  return () => renameSync(list, signers);
}

/** How many tasks stand in the queues that have some, as an operator asks for it. */
async function backlog(): Promise<Record<string, number>> {
  const looked = Object.values(queues).map(async (queue) => {
    const said = await mill.temporal('task-queue', 'describe', '--task-queue', queue, '--output', 'json');
    const { stats } = JSON.parse(said) as { stats: Stats[] };
    // The count is about right: one or another that nobody wants any more is in it, and has no age.
    const standing = stats.filter((one) => one.approximateBacklogCount > 0 && one.approximateBacklogAge !== '0s');
    return standing.map((one) => [`${queue}, ${one.taskQueueType}`, one.approximateBacklogCount]);
  });
  return Object.fromEntries((await Promise.all(looked)).flat());
}

type Stats = { taskQueueType: string; approximateBacklogCount: number; approximateBacklogAge: string };

/** Once there were workers again: how long it took until a run that stood still since then took its next step. */
async function wentOnAfter({ id }: Delivery, gone: number, back: number): Promise<number> {
  const { events } = JSON.parse(await mill.history(id)) as { events: HistoryEvent[] };
  const steps = events.filter(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_COMPLETED'));
  const next = steps.map(({ eventTime }) => Date.parse(eventTime)).find((at) => at > gone);
  return Math.max(0, (next ?? Infinity) - back);
}

test(
  'after ten minutes without any worker all that was under way goes on, what was said and asked for meanwhile is done, and nothing twice',
  async () => {
    await startAll();
    // Each of them is at another step when its worker dies.
    const called = silentOnce(change(code('add')));
    const calling = await quick({ implement: called.say });
    const mergingDoor = slow();
    const merging = await quick({ repository: mergingDoor.repository });
    const [waiting, verifying] = [await quick(), await quick()];
    const first = silentOnce(change(code('first')));
    const project = await mill.project(
      {
        project: {
          understand: [understanding()],
          plan: [plan({ first: [], second: ['first'] })],
          deploy: [deployment()],
        },
        ...{ first: { ...script('first'), implement: first.say }, second: script('second') },
      },
      { pipeline: 'quick' },
    );
    await approve(merging, await merging.untilItWaitsFor('approval'));
    await mergingDoor.reached();
    const asked = await waiting.untilItWaitsFor('approval');
    const doubted = await verifying.untilItWaitsFor('approval');
    await Promise.all([called.reached, first.reached]);
    const openingDoor = slow('[ "${ref#refs/millwright/}" != "$ref" ]');
    const opening = await quick({ repository: openingDoor.repository });
    await openingDoor.reached();
    const release = holdSigners();
    await approve(verifying, doubted);
    await verifying.until(({ decisions }) => decisions.verifying === 1);

    await Promise.all(serving.splice(0).map(kill));
    const gone = Date.now();
    release();
    for (const { letIn } of [mergingDoor, openingDoor]) letIn();
    await approve(waiting, asked);
    const late = await Promise.all([1, 2, 3].map(() => quick()));
    await pause(AWAY_MS - (Date.now() - gone));
    const stood = await backlog();
    expect(stood[`${queues.workflows}, workflow`]).toBeGreaterThanOrEqual(late.length);

    await startAll();
    const back = Date.now();
    const drained = new Map<string, number>();
    await until(async () => {
      const left = await backlog();
      const empty = Object.keys(stood).filter((queue) => !(queue in left) && !drained.has(queue));
      for (const queue of empty) drained.set(queue, Date.now() - back);
      return drained.size === Object.keys(stood).length;
    }, PATIENCE_MS);
    process.stdout.write(`stood: ${JSON.stringify(stood)}; drained after: ${[...drained.values()].join(', ')} ms\n`);
    expect([...drained].filter(([, ms]) => ms > DRAINED_MS)).toEqual([]);

    const { decisions } = await verifying.until(({ decisions: heard }) => heard.verifying === undefined);
    expect(decisions).toMatchObject({ accepted: 1, refused: 0 });
    const children = ['first', 'second'].map((milestone) => mill.milestoneOf(project, milestone));
    const open = [calling, opening, ...late, ...children];
    await Promise.all(open.map(async (run) => approve(run, await run.untilItWaitsFor('approval'))));
    const alone = [calling, merging, waiting, verifying, opening, ...late];
    for (const run of alone) {
      expect(await run.result()).toMatchObject({ outcome: 'merged', approvedBy: 'ada' });
      expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('1');
      expect((await run.status()).decisions).toMatchObject({ accepted: 1, refused: 0 });
    }
    expect(await project.result()).toMatchObject({
      outcome: 'complete',
      milestones: [
        { id: 'first', state: 'merged' },
        { id: 'second', state: 'merged' },
      ],
    });
    for (const run of [...alone, project]) {
      const answered = run.calls().filter(({ outcome }) => outcome === 'answered');
      expect(new Set(answered.map(({ key: which }) => which)).size).toBe(answered.length);
      expect(run.calls().length - answered.length).toBe([calling, project].includes(run) ? 1 : 0);
      expect(sound(run.repository)).toBe('');
    }
    const delays = await Promise.all([...alone, children[0]!].map((run) => wentOnAfter(run, gone, back)));
    process.stdout.write(`went on after ${delays.join(', ')} ms\n`);
    expect(delays.filter((ms) => ms > DRAINED_MS)).toEqual([]);
    expect(await mill.doNotReplay()).toEqual([]);
  },
  TEST_LIMIT_MS,
);
