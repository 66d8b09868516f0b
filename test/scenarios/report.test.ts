// What the report of a project says of a milestone is of this run alone, whatever an earlier one under the same id left.
import { bare } from '../adapters/git/ground';
import type { FinalReport } from '../../src/domain/artifacts/final-report';
import { change, code, deployment, plan, specification, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { useMill } from './mill';
import { slow } from './slow';

const odd = `name: odd
stages:
  begin: { agent: specifier }
`;
const mill = useMill({ definitions: { ...small, 'pipelines/odd.yaml': odd } });

const repository = bare({ 'README.md': '# Sums\n' });
const start = (name: string, body: string, expected: number) =>
  mill.project(
    {
      project: { understand: [understanding()], plan: [plan({ first: [] })], deploy: [deployment()] },
      first: { implement: [change(code(name, body))], tests: [suite(testing(name, expected))] },
    },
    { id: 'sums', repository, pipeline: 'quick' },
  );
const reported = (run: Delivery) =>
  (JSON.parse(run.fromLedger('report/FinalReport.json', 'project')) as FinalReport).results[0]!;

test('a milestone that was merged by the first run and abandoned by the second is not merged in the second report', async () => {
  const first = await start('add', 'a + b', 5);
  await first.delivered();
  const { runId: firstRunId } = await first.status();
  const merged = reported(first);
  expect(merged).toMatchObject({ outcome: 'merged', approved_by: 'ada', iterations: 1, tests: '1 of 1 passed' });
  expect(merged.commit).toBe(first.git('log', '-1', '--format=%H', 'main'));

  const second = await start('multiply', 'a * b', 6);
  await second.until(({ milestones }) => milestones[0]?.waitingFor?.for === 'approval');
  const { runId, milestones } = await second.status();
  expect(runId).not.toBe(firstRunId);
  const { runId: childRunId } = await mill.client.workflow.getHandle('sums/first').describe();
  expect(milestones[0]!.runId).toBe(childRunId);
  await second.say('abandon', { milestone: 'first', by: 'bob' });
  await second.result();
  expect(reported(second)).toMatchObject({
    ...{ outcome: 'abandoned', commit: null, approved_by: null, iterations: 1, tests: '2 of 2 passed' },
  });
});

test('a stage may be called as a step of the run itself is', async () => {
  const run = await mill.milestone({ begin: [specification()] }, { pipeline: 'odd' });
  expect(await run.result()).toEqual({ outcome: 'complete' });
  expect(run.ledger()).toEqual(expect.arrayContaining(['definition/request.md', 'stages/begin/1/Specification.json']));
});

test('a project that is cancelled while its report is written ends as it was decided, without it', async () => {
  const door = slow('git ls-tree -r --name-only "$after" | grep -q "^report/"');
  const scripts = {
    project: { understand: [understanding()], plan: [plan({ a: [] })], deploy: [deployment()] },
    a: { specify: [specification()] },
  };
  const run = await mill.project(scripts, { repository: door.repository, pipeline: 'solo' });
  await door.reached();
  await run.handle.cancel();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'complete', milestones: [{ id: 'a', state: 'complete' }] });
  expect(result).not.toHaveProperty('report');
  expect((await run.status()).state).toBe('complete');
  door.letIn();
  await mill.keepHistory(run.id, 'project-cancelled-while-its-report-is-written');
});
