// Nobody serves a queue: after a minute or so a person hears which one, and when a worker comes, it goes on by itself.
import { queues } from '../../src/domain/queues';
import { change, code, suite, test as testing } from './answers';
import { small } from './definitions';
import { useMill } from './mill';

const mill = useMill({ definitions: small, workers: ['workflows', 'agents', 'gate'] });
// A task is untaken after a minute, and looked at ten seconds later.
const NOTICE_MS = 280_000;

test('a run whose tests nobody can run says which worker it lacks, can be abandoned, and is merged once there is one', async () => {
  const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
  const run = await mill.milestone(script, { pipeline: 'quick' });
  const unwanted = await mill.milestone(script, { pipeline: 'quick' });
  const waiting = await run.untilItWaitsFor(`worker:${queues.sandbox}`, undefined, NOTICE_MS);
  expect(waiting.detail).toBe(`no worker of ${queues.sandbox} is free; where none runs, start one: npm run worker`);
  expect(await mill.inbox(`worker:${queues.sandbox}`, run.id)).toContain(run.id);
  expect((await run.status()).stages.find(({ name }) => name === 'verify')).toMatchObject({ state: 'running' });

  await unwanted.untilItWaitsFor(`worker:${queues.sandbox}`, undefined, NOTICE_MS);
  await unwanted.say('abandon', { by: 'ada' });
  expect(await unwanted.result()).toMatchObject({ outcome: 'abandoned' });

  await mill.startWorkers(['sandbox']);
  await run.approve();
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  expect(run.calls()).toHaveLength(2);
  expect(await mill.doNotReplay()).toEqual([]);
}, 900_000);
