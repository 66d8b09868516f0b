// What is made of Temporal's answers about a task in its queue: of today's server, of an older one, and of one that counts late.
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createQueueActivities } from '../../src/activities/queue';

const [SCHEDULED, STARTED] = [1, 2];
const [RUNNING, SHUT_DOWN] = [1, 3];
const task = { queue: 'millwright-sandbox', activityId: 'mine', priorityKey: 2 };
const counted = (tasks: number) => ({ approximateBacklogCount: tasks });
const ago = (seconds: number) => ({ seconds: Math.floor(Date.now() / 1000) - seconds });

type Answers = {
  pending?: object[];
  pollers?: number[];
  stats?: object;
  byPriority?: Record<string, object>;
  workers?: { status: number; heardSecondsAgo: number }[] | 'unknown';
};

function look({ pending, pollers = [], stats = counted(0), byPriority = {}, workers = [] }: Answers) {
  const unimplemented = () => Promise.reject(new Error('12 UNIMPLEMENTED'));
  const listed = workers === 'unknown' ? [] : workers;
  const workflowService = {
    describeWorkflowExecution: async () => ({
      pendingActivities: pending ?? [
        { activityId: 'other', state: STARTED },
        { activityId: 'mine', state: SCHEDULED },
      ],
    }),
    describeTaskQueue: async () => ({
      pollers: pollers.map((seconds) => ({ lastAccessTime: ago(seconds) })),
      stats,
      statsByPriorityKey: byPriority,
    }),
    listWorkers: async () =>
      workers === 'unknown'
        ? unimplemented()
        : { workers: listed.map(({ status }, at) => ({ status, workerInstanceKey: `${at}` })) },
    describeWorker: async ({ workerInstanceKey }: { workerInstanceKey: string }) => ({
      workerInfo: { workerHeartbeat: { heartbeatTime: ago(listed[Number(workerInstanceKey)]!.heardSecondsAgo) } },
    }),
  };
  const withAbortSignal = (_: AbortSignal, call: () => unknown) => call();
  const client = { workflowService, withAbortSignal } as unknown as Client;
  const environment = new MockActivityEnvironment(undefined, { client });
  return environment.run(createQueueActivities().lookAtQueue, task);
}

test.each([
  ['that a worker has', [{ activityId: 'mine', state: STARTED }]],
  ['that is done', []],
])('a task %s stands in no queue', async (_, pending) => {
  expect(await look({ pending })).toEqual({ standing: false });
});

test('those ahead are the ones as urgent: not the ones that stand there for the first time', async () => {
  const byPriority = { 1: counted(2), 2: counted(11), 3: counted(40) };
  expect(await look({ pollers: [5], byPriority, stats: counted(53) })).toEqual({
    ...{ standing: true, attended: true, ahead: 12 },
  });
});

test('where the server knows no priorities, all are ahead', async () => {
  expect(await look({ pollers: [5], stats: counted(13) })).toMatchObject({ ahead: 12 });
});

test('a worker that asks for nothing, because its hands are full, is there', async () => {
  const workers = [
    { status: RUNNING, heardSecondsAgo: 40_000 },
    { status: RUNNING, heardSecondsAgo: 40 },
  ];
  expect(await look({ workers })).toMatchObject({ attended: true });
});

test.each([
  ['was stopped', SHUT_DOWN, 10],
  ['died', RUNNING, 200],
])('a worker that %s is not there, though it asked for work four minutes ago', async (_, status, heardSecondsAgo) => {
  const workers = [{ status, heardSecondsAgo }];
  expect(await look({ pollers: [240], workers })).toMatchObject({ attended: false });
});

test('where the server keeps no account of workers, one that asked in the last minutes is taken to be there', async () => {
  expect(await look({ pollers: [240], workers: 'unknown' })).toMatchObject({ attended: true });
  expect(await look({ workers: 'unknown' })).toMatchObject({ attended: false });
});
