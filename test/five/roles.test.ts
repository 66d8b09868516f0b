// roles: planner, implementers, reviewer and tester around a small shared state.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Board } from '../../src/domain/board';
import { change, code, issue, review, suite, test as testing } from '../scenarios/answers';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';
import type { Script } from '../scenarios/script';
import { assessment, taskPlan } from './artifacts';

const shipped = readFileSync(join(__dirname, '../../pipelines/roles.yaml'), 'utf8');
const specialists = `  security:
    agent: tester
    needs: [plan]
    reads: [milestone, plan]
    focus: "Security only: what an attacker would send."
  performance:
    agent: tester
    needs: [plan]
    reads: [milestone, plan]
    focus: "Performance only: how it behaves with a lot of data."
  assemble:`;
const mill = useMill({
  definitions: {
    'pipelines/specialised.yaml': shipped
      .replace('name: roles', 'name: specialised')
      .replace('  assemble:', specialists)
      .replace('needs: [implement, cases]', 'needs: [implement, cases, security, performance]'),
  },
});

const tasks = {
  adding: { files: ['src/add.js'], criterion: 'two numbers are added', priority: 2 },
  taking: { files: ['src/take.js'], criterion: 'one is taken from the other' },
};
const written = { adding: code('add'), taking: code('take', 'a - b') };
const covering = [
  { name: 'add of 2 and 3', kind: 'unit' as const, criterion: tasks.adding.criterion },
  { name: 'take of 2 and 3', kind: 'integration' as const, criterion: tasks.taking.criterion },
];
const cases = suite({ ...testing('add'), ...testing('take', -1) }, { cases: covering });
const wrong = change({ ...code('add', 'a * b'), ...written.taking });
const right = change({ ...written.adding, ...written.taking });

const script = (more: Script = {}): Script => ({
  plan: [taskPlan(tasks)],
  implement: ({ part }) => (part === undefined ? right : change(written[part as 'adding'])),
  cases: [cases],
  review: () => review(),
  ...more,
});
const start = (more: Script = {}, pipeline = 'roles') => mill.milestone(script(more), { pipeline });
/** Every status that the board has had, in order. */
const statuses = (run: Delivery): string[] => {
  const commits = run.git('log', '--reverse', '--format=%H', `refs/millwright/${run.id}/milestone`, '--', 'board.json');
  const all = commits
    .split('\n')
    .map((commit) => (JSON.parse(run.git('show', `${commit}:board.json`)) as Board).status);
  return all.flatMap((status, at) => (status === undefined || status === all[at - 1] ? [] : [status]));
};
/** As if the implementers had got one of the tasks wrong. */
const implemented = ({ part, iteration }: { part?: string; iteration: number }) =>
  part === 'adding'
    ? change(code('add', 'a * b'))
    : part === 'taking'
      ? change(written.taking)
      : iteration < 2
        ? wrong
        : right;
const wrongFirst: Script = { implement: implemented };

describe('roles', () => {
  test('goes through every status, with the shared state in status and in the ledger', async () => {
    const run = await start();
    await run.untilItWaitsFor('approval');
    const { board } = await run.status();
    expect(board).toMatchObject({ task_id: `${run.id}/milestone`, status: 'tested(pass)' });
    expect(Object.keys(board!.fields)).toEqual(['spec', 'artifacts', 'implementation', 'tests', 'review']);
    expect(board!.fields.implementation).toMatchObject({ artifact: 'stages/implement/1/Change.md' });
    for (const { summary } of Object.values(board!.fields)) expect(summary).toMatch(/^.{1,200}$/);
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(statuses(run)).toEqual([
      ...['ready-for-implementation', 'ready-for-review', 'ready-for-testing', 'tested(pass)'],
    ]);
    expect(run.fromLedger('board.md')).toMatch(/Status: tested\(pass\)[^]*\| merge \| done \| 1 \|/);
    const handoffs = run
      .git('log', '--reverse', '--format=%s', `refs/millwright/${run.id}/milestone`)
      .split('\n')
      .flatMap((line) => /^board: (\S+); (\w+): ./.exec(line)?.slice(1).join(' after ') ?? []);
    expect(handoffs.filter((line) => !line.endsWith(' cases'))).toEqual([
      'ready-for-implementation after plan',
      ...['ready-for-review after implement', 'ready-for-review after assemble', 'ready-for-testing after review'],
      ...['tested(pass) after test', 'tested(pass) after approve', 'tested(pass) after merge'],
    ]);
    expect(handoffs.filter((line) => line.endsWith(' cases'))).toHaveLength(1);
    await mill.keepHistory(run.id, 'roles-merged');
  });

  test('has several implementers at once, in the order of priority, each with its own task', async () => {
    const run = await start();
    await run.approve();
    await run.result();
    const begun = (await run.timeline()).filter((line) => line.startsWith('callAgent — implement'));
    expect(begun.map((line) => /implement \((\w+)\)/.exec(line)![1])).toEqual(['taking', 'adding']);
    const parts = run.calls({ stage: 'implement' });
    expect(parts.map(({ part }) => part).sort()).toEqual(['adding', 'taking']);
    const adding = JSON.stringify(parts.find(({ part }) => part === 'adding')!.messages);
    expect(adding).toContain('Yours is \\"adding\\": src/add.js');
    expect(adding).toMatch(/spec_fragments[^]*Whole numbers/);
    expect(run.prompt('plan')).toMatch(/title="repository">\s+README\.md/);
  });

  test('sends a critical finding back to the implementer, whatever the verdict says', async () => {
    const run = await start({
      review: ({ iteration }) =>
        iteration === 1
          ? review({ verdict: 'passed', issues: [issue('critical', 'no check')], next_step: 'check' })
          : review(),
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(statuses(run)).toEqual([
      ...['ready-for-implementation', 'ready-for-review', 'changes-requested', 'ready-for-review'],
      ...['ready-for-testing', 'tested(pass)'],
    ]);
    expect(run.prompt('implement', 2)).toMatch(/feedback from review[^]*"location": "src\/add\.js:1"[^]*no check/);
  });

  test('makes a bug task of a failing test, linked to its task, and has it fixed', async () => {
    const run = await start({ ...wrongFirst, assess: [assessment('fix')] });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    const report = JSON.parse(run.fromLedger('stages/test/1/TestReport.json')) as { bug_tasks: object[] };
    expect(report.bug_tasks).toEqual([
      expect.objectContaining({ id: 'bug-1-1', task: 'adding', repro_input: expect.stringContaining('node') }),
    ]);
    expect(statuses(run)).toEqual([
      ...['ready-for-implementation', 'ready-for-review', 'ready-for-testing', 'tested(fail)'],
      ...['ready-for-review', 'ready-for-testing', 'tested(pass)'],
    ]);
    const told = run.prompt('implement', 2);
    expect(told).toMatch(
      /feedback from test[^]*"task": "adding"[^]*feedback from assess[^]*"repro_input": "add\(2, 3\)"/,
    );
    await mill.keepHistory(run.id, 'roles-merged-after-a-bug');
  });

  test('runs the check again where the tester recommends it, on the same candidate', async () => {
    const run = await start({
      ...wrongFirst,
      assess: ({ iteration }) => assessment(iteration === 1 ? 'retest' : 'fix'),
    });
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    const candidate = (round: number) => JSON.parse(run.fromLedger(`stages/test/${round}/TestReport.json`)).candidate;
    expect(candidate(2)).toBe(candidate(1));
    expect(candidate(3)).not.toBe(candidate(2));
    expect(run.calls({ stage: 'implement' }).map(({ iteration }) => iteration)).toEqual([1, 1, 2]);
  });

  test('asks a person where the tester recommends it', async () => {
    const run = await start({
      ...wrongFirst,
      implement: (call) =>
        call.iteration < 3 ? implemented(call) : change({ ...written.adding, 'docs/why.md': 'Sums.\n' }),
      assess: [assessment('escalate', { summary: 'the plan contradicts itself' })],
    });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^assess \(escalate\): escalate: 1 failing test: the plan contradicts itself/);
    await run.answered(() => run.say('guide', { by: 'ada', note: 'Adding means the sum.' }));
    await run.until(({ waitingFor }) => waitingFor?.for === 'approval');
    expect(run.prompt('implement', 2)).toContain('Adding means the sum.');
    const { subject } = await run.untilItWaitsFor('approval');
    await run.say('requestChanges', { subject, by: 'ada', note: 'Say why.' });
    await run.approve({ not: subject });
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('implement', 3)).toMatch(/feedback from approve[^]*Say why\./);
  });

  test('runs the check again three times at most; what a person says then is heard by the tester', async () => {
    const run = await start({
      ...wrongFirst,
      assess: ({ iteration }) => assessment(iteration <= 4 ? 'retest' : 'fix'),
    });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^assess \(cap\): sent back 3 times, and still: retest: /);
    await run.answered(() => run.say('guide', { by: 'ada', note: 'It is the code.' }));
    await run.until(({ waitingFor }) => waitingFor?.for === 'approval');
    expect(run.prompt('assess', 5)).toContain('It is the code.');
    expect(run.calls({ stage: 'implement' }).map(({ iteration }) => iteration)).toEqual([1, 1, 2]);
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    await mill.keepHistory(run.id, 'roles-guided-after-retests');
  });

  test('fixes three times by itself, then asks a person', async () => {
    const never = ({ iteration }: { iteration: number }) =>
      change({ ...code('add', `a * b + ${iteration}`), ...written.taking });
    const run = await start({ ...wrongFirst, implement: never, assess: () => assessment('fix') });
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^assess \(cap\): sent back 3 times, and still: fix: /);
    expect(new Set(run.calls({ stage: 'implement' }).map(({ iteration }) => iteration))).toEqual(new Set([1, 2, 3, 4]));
  });

  test('gets specialised testers by YAML alone', async () => {
    const own = (name: string) => [
      suite({ [`test/${name}.test.js`]: Object.values(testing('add'))[0]!.replace('add of', `${name} of`) }),
    ];
    const run = await start({ security: own('security'), performance: own('performance') }, 'specialised');
    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged' });
    expect(run.prompt('security')).toContain('Security only: what an attacker would send.');
    expect(run.prompt('cases')).not.toContain('Security only');
    expect(run.git('ls-tree', '--name-only', 'main', 'test/').split('\n')).toEqual([
      ...['test/add.test.js', 'test/performance.test.js', 'test/security.test.js', 'test/take.test.js'],
    ]);
  });
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
