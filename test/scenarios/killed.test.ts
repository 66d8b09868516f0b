// Processes are killed in the middle of their work. What was finished stays finished, and nothing is paid for twice.
import type { RunningProcess } from '../../scripts/stack/processes';
import type { ScriptedAnswer, ScriptedCall } from '../../scripts/scripted-model/server';
import { bare, sound } from '../adapters/git/ground';
import { change, code, deployment, plan, specification, suite, test as testing, understanding } from './answers';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { kill, useMill } from './mill';
import { silentOnce } from './script';

const mill = useMill({ definitions: small, workers: [], durable: true });
let workers: RunningProcess[] = [];
const start = async (...queues: string[]) => {
  workers = [...workers, ...(await Promise.all(queues.map((listed) => mill.startWorkerProcess(listed))))];
};

const keys = (run: Delivery, outcome?: string) =>
  run.calls().flatMap((call) => (outcome === undefined || call.outcome === outcome ? [call.key] : []));

test('an agent that dies in its seventh turn is taken up at its seventh, on a machine that has never seen it', async () => {
  await start('workflows,sandbox,gate', 'agents');
  const look = (turn: number): ScriptedAnswer => {
    const tools = [
      { name: 'list', arguments: { folder: '' } },
      { name: 'read', arguments: { path: 'README.md' } },
      { name: 'search', arguments: { text: 'Sums' } },
    ];
    return { tools: [tools[turn % 3]!] };
  };
  const seventh = silentOnce(specification());
  const specify = (call: ScriptedCall) => (call.turn <= 6 ? look(call.turn) : seventh.say(call));
  const run = await mill.milestone({ specify }, { pipeline: 'solo', repository: bare({ 'README.md': '# Sums\n' }) });
  await seventh.reached;
  await kill(workers.pop()!);
  await start('agents');

  expect(await run.result()).toEqual({ outcome: 'complete' });
  expect(run.calls().map(({ turn, outcome }) => `${turn} ${outcome}`)).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((turn) => `${turn} answered`),
    ...['7 aborted', '7 answered'],
  ]);
  const [before, after] = run.calls().slice(6);
  expect(after!.messages).toEqual(before!.messages);
  expect(after!.key).toBe(before!.key);
  const { usage } = await run.status();
  expect(usage).toMatchObject({ calls: 7 });
  expect(run.git('for-each-ref', 'refs/millwright-turns')).toBe('');
});

test('every worker and the server die together in the middle of a project, and it ends merged all the same', async () => {
  const implement = silentOnce(change(code('second')));
  const tests = silentOnce(suite(testing('second')));
  const run = await mill.project(
    {
      project: {
        understand: [understanding()],
        plan: [plan({ first: [], second: ['first'] })],
        deploy: [deployment()],
      },
      first: { implement: [change(code('first'))], tests: [suite(testing('first'))] },
      second: { implement: implement.say, tests: tests.say },
    },
    { pipeline: 'quick', repository: bare({ 'README.md': '# Sums\n' }), approvers: ['ada'] },
  );
  await mill.milestoneOf(run, 'first').approve();
  await Promise.all([implement.reached, tests.reached]);
  await run.say('approve', { subject: 'f'.repeat(40), by: 'mallory' });
  await Promise.all([...workers.splice(0).map(kill), mill.killServer()]);
  const finished = keys(run, 'answered');
  expect(finished).toHaveLength(4);

  await mill.startServer();
  await start('workflows,gate', 'agents,sandbox');
  expect(await run.delivered()).toMatchObject({
    outcome: 'complete',
    milestones: [
      { id: 'first', state: 'merged' },
      { id: 'second', state: 'merged' },
    ],
  });
  expect(keys(run).filter((key) => finished.includes(key))).toEqual(finished);
  const answered = keys(run, 'answered');
  expect(new Set(answered).size).toBe(answered.length);
  expect(run.calls().filter(({ outcome }) => outcome !== 'answered')).toHaveLength(2);
  expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('2');
  expect(sound(run.repository)).toBe('');
  // What the server had acknowledged before it died, it still knows.
  expect(await run.decisions()).toContainEqual(expect.objectContaining({ by: 'mallory', accepted: false }));
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
