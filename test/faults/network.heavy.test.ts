// Each fault of the network by itself, at a moment when what it strikes is under way; and answers that are lost when the work is done.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readEvidence } from '../../scripts/trial/evidence';
import { cut, cutWhileAnotherWorks, reset, slow, type Blow } from '../../scripts/trial/faults/network';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged, type Judged } from '../../scripts/trial/judged';
import type { Plan } from '../../scripts/trial/trial';
import { until } from '../until';
import { until as unlessOver } from './ending';
import { inSlots, PATIENCE_MS } from './sweeping';

// The server waits a quarter of this for a heartbeat.
const MINUTE_MS = 60_000;
const PAUSES_MS = [1_000, 1_000, 1_000];

/** One after the other, each while the model is about to answer this stage: it answers when the blow has landed. */
function struckIn(...faults: [stage: string, blow: Blow][]): Omit<Plan, 'name'> {
  const [asked, landed] = [new Set<string>(), new Set<string>()];
  const isAwaited = (stage: string) => faults.some(([own]) => own === stage) && !landed.has(stage);
  return {
    says: (scenario) => async (call) => {
      asked.add(call.stage);
      await until(() => !isAwaited(call.stage), PATIENCE_MS);
      return scenario(call);
    },
    async suffers(victim) {
      for (const [stage, blow] of faults) {
        await unlessOver(() => asked.has(stage), victim.over);
        const past = victim.over.aborted ? undefined : blow(victim);
        landed.add(stage);
        await past;
      }
    },
  };
}

/** What the specifier has got to know is on its way into the repository until another worker has done all of its work. */
function lateWith(name: string): Omit<Plan, 'name'> {
  const folder = () => join(ground.folder, name);
  const goOn = () => writeFileSync(join(folder(), 'go'), '');
  const script = () => `#!/bin/sh
grep -q refs/millwright-turns/ || exit 0
mkdir ${folder()}/held 2>/dev/null || exit 0
while [ -d ${folder()} ] && [ ! -e ${folder()}/go ]; do sleep 0.2; done
`;
  return {
    says: (scenario) => (call) => {
      const hook = join(folder(), 'target.git', 'hooks', 'pre-receive');
      if (!existsSync(hook)) {
        mkdirSync(join(hook, '..'), { recursive: true });
        writeFileSync(hook, script(), { mode: 0o755 });
      }
      return scenario(call);
    },
    async suffers(victim) {
      const { over } = victim;
      const isAsked = (stage: string) =>
        ground.model.calls.some((call) => call.project === name && call.stage === stage);
      try {
        await unlessOver(() => existsSync(join(folder(), 'held')), over);
        const away = cutWhileAnotherWorks(MINUTE_MS)(victim);
        await unlessOver(() => isAsked('design'), over);
        goOn();
        await away;
      } finally {
        goOn();
      }
    },
  };
}

const lost = (work: string) => ({ crash: `${work}:after=lose` });
const losses = {
  'a commit of an agent': 'implement/callAgent',
  'the push of the candidate': 'verify/assembleCandidate',
  'the merge': 'merge/mergeCandidate',
};
const nameOf = (work: string) => work.replace(/\W/g, '-').toLowerCase();

/** Those that take longest are not begun last. */
const plans: Plan[] = [
  { name: 'reset', ...struckIn(['specify', reset('model', PAUSES_MS)], ['review', reset('server', PAUSES_MS)]) },
  { name: 'away', ...struckIn(['specify', cut('server', MINUTE_MS)]) },
  { name: 'replaced', ...lateWith('replaced') },
  { name: 'late', ...struckIn(['specify', slow('model', '2 s late')], ['review', slow('server', '2 s late')]) },
  { name: 'narrow', ...struckIn(['specify', slow('model', 'at 1 kB/s')], ['review', slow('server', 'at 1 kB/s')]) },
  ...Object.values(losses).map((work) => ({ name: nameOf(work), ...lost(work) })),
];

let ground: Ground;
let trials: Map<string, Promise<Judged>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround(plans.map(({ name }) => name));
  const done = inSlots(plans.map((plan) => () => judged(ground, plan)));
  trials = new Map(plans.map(({ name }, at) => [name, done[at]!]));
}, PATIENCE_MS);

afterAll(async () => {
  await Promise.allSettled([...(trials?.values() ?? [])]);
  await ground?.close();
});

/** What the trial has left, once it has been seen to break nothing and to have ended merged. */
async function soundly(name: string) {
  const { folder, violations, hung, faults } = await trials.get(name)!;
  const { runs, calls, logs } = readEvidence(folder);
  const outcomes = runs.map(({ closing }) => (closing?.result as { outcome?: string } | undefined)?.outcome);
  expect({ violations, hung, outcomes }).toEqual({ violations: [], hung: false, outcomes: ['merged'] });
  const works = runs[0]!.activities;
  return {
    calls,
    struck: faults.map(({ what }) => what),
    timeOf: (what: string) => Date.parse(faults.find((fault) => fault.what === what)!.at),
    workOf: (stage: string) => works.find(({ type, key }) => type === 'callAgent' && key?.stage === stage)!,
    works,
    said: logs.map(({ text }) => text).join(''),
  };
}

test(
  'a worker that cannot reach the server for a minute does nothing twice, and goes on when it can',
  async () => {
    const { struck, timeOf, workOf } = await soundly('away');
    expect(struck).toEqual(['line to the server cut, for 60 s', 'line to the server back']);
    const { attempts, endedAt } = workOf('specify');
    expect(attempts).toBeGreaterThan(1);
    expect(Date.parse(endedAt!)).toBeGreaterThanOrEqual(timeOf('line to the server back'));
  },
  PATIENCE_MS,
);

test(
  'while another one has its work, what it still does there comes too late: it writes nothing, and says so',
  async () => {
    const { struck, workOf, calls, said } = await soundly('replaced');
    expect(struck).toEqual(['worker cut off from the server, another there', 'worker back at the server']);
    expect(workOf('specify').attempts).toBeGreaterThan(1);
    const specified = calls.filter(({ stage }) => stage === 'specify');
    expect(specified.map(({ turn, repeated }) => [turn, repeated])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ]);
    expect(said).toMatch(/stale-attempt: attempt 1 was taken for dead/);
  },
  PATIENCE_MS,
);

test(
  'connections that are reset, to the model and to the server, three times each, cost nothing but time',
  async () => {
    const { struck, calls } = await soundly('reset');
    const three = (end: string) =>
      PAUSES_MS.map(() => expect.stringMatching(`^connections to the ${end} reset, `) as string);
    expect(struck).toEqual([...three('model'), ...three('server')]);
    for (const end of ['model', 'server'])
      expect(struck.find((what) => what.includes(end))).toMatch(/, [1-9]\d* of them$/);
    const asked = calls.filter(({ stage, turn }) => stage === 'specify' && turn === 1);
    expect(asked.length).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);

test.each([
  ['late', '2 s late', 2_000],
  ['narrow', 'at 1 kB/s', 500],
])(
  'a line that is slow (%s), to the model and to the server, is waited for',
  async (name, how, leastMs) => {
    const { struck, timeOf, calls, workOf } = await soundly(name);
    const slowed = ['model', 'server'].map((end) => [`line to the ${end} ${how}`, `line to the ${end} fast again`]);
    expect(struck).toEqual(slowed.flat());
    const [, second] = calls.filter(({ stage }) => stage === 'specify');
    expect(Date.parse(second!.at) - timeOf(slowed[0]![0]!)).toBeGreaterThanOrEqual(leastMs);
    expect(Date.parse(workOf('review').endedAt!) - timeOf(slowed[1]![0]!)).toBeGreaterThanOrEqual(leastMs);
  },
  PATIENCE_MS,
);

test.each(Object.entries(losses))(
  '%s whose answer is lost is not made again',
  async (_, work) => {
    const { works } = await soundly(nameOf(work));
    const [stage, activity] = work.split('/');
    const own = works.filter(({ type, key }) => type === activity && key?.stage === stage);
    expect(own.map(({ attempts, lastFailure }) => ({ attempts, lastFailure }))).toEqual(
      own.map(() => ({ attempts: 2, lastFailure: `the answer of ${activity}, attempt 1, after, was lost on the way` })),
    );
    expect(own).not.toEqual([]);
  },
  PATIENCE_MS,
);
