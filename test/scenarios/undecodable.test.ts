// What no converter can read: it is refused in words like any other malformed decision, and the run goes on.
import { randomUUID } from 'node:crypto';
import { queues } from '../../src/domain/queues';
import { change, code, suite, test as testing } from './answers';
import { small } from './definitions';
import { useMill } from './mill';

const mill = useMill({ definitions: small });

const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (encoding: string, data?: string) => ({
  metadata: { encoding: bytes(encoding) },
  ...(data !== undefined && { data: bytes(data) }),
});
const unreadable: [string, object, RegExp][] = [
  ['an encoding that nobody knows', payload('binary/nonsense', '"x"'), /Unknown encoding: binary\/nonsense/],
  ['JSON that is none', payload('json/plain', '{'), /JSON/],
  ['no contents', payload('json/plain'), /JSON|no data/],
  ['no encoding', { data: bytes('{}') }, /./],
];

test('a decision that cannot be decoded is refused as malformed, and the next one counts', async () => {
  const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
  const run = await mill.milestone(script, { pipeline: 'quick' });
  await run.untilItWaitsFor('approval');
  for (const [, input] of unreadable) {
    await mill.client.workflowService.signalWorkflowExecution({
      ...{ namespace: 'default', workflowExecution: { workflowId: run.id } },
      ...{ signalName: 'approve', input: { payloads: [input] } },
    });
  }
  const records = await run.decisions();
  expect(records).toHaveLength(unreadable.length);
  for (const [at, [, , why]] of unreadable.entries()) {
    expect(records[at]).toMatchObject({ kind: 'approve', by: 'unknown', accepted: false });
    expect(records[at]!.reason).toMatch(/^malformed: it cannot be decoded: /);
    expect(records[at]!.reason).toMatch(why);
  }
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  const { events } = await run.handle.fetchHistory();
  expect(events!.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
});

test.each(unreadable)('a request with %s fails at once', async (_, input) => {
  const workflowId = `unreadable-${randomUUID().slice(0, 8)}`;
  await mill.client.workflowService.startWorkflowExecution({
    ...{ namespace: 'default', requestId: randomUUID(), workflowId, workflowType: { name: 'deliverProject' } },
    ...{ taskQueue: { name: queues.workflows }, input: { payloads: [input] } },
  });
  const ended = mill.client.workflow.getHandle(workflowId).result();
  await expect(ended).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
});
