// A worker that stands still for so long that it is taken for dead, and wakes up; and one that dies while a person decides.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { check, inWords } from '../../scripts/trial/check';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { isFrozen } from '../../scripts/trial/processes';
import { runTrial, type Tried } from '../../scripts/trial/trial';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { workflowBundle } from '../../src/workers/workflow-bundle';

let ground: Ground;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround(['frozen', 'approving']);
});
afterAll(() => ground.close());

const until = async (holds: () => boolean | Promise<boolean>, over: AbortSignal) => {
  while (!over.aborted && !(await holds())) await pause(100);
};
const violations = async ({ folder }: Tried) =>
  (await check(readEvidence(folder), [await workflowBundle(cacheFolder())])).map(inWords);

test('a frozen worker that wakes up when its work is done by another one asks nothing, writes nothing, and says so', async () => {
  const tried = await runTrial(ground, {
    name: 'frozen',
    crash: 'specify/callAgent:middle=freeze',
    async suffers({ worker, struck, over }) {
      const pid = worker.pid();
      await until(() => isFrozen(pid), over);
      struck('frozen', pid);
      worker.another();
      await until(
        () => ground.model.calls.some(({ project, stage }) => project === 'frozen' && stage === 'design'),
        over,
      );
      process.kill(pid, 'SIGCONT');
    },
  });
  expect(await violations(tried)).toEqual([]);
  expect(tried).toMatchObject({ hung: false, faults: [{ what: 'frozen' }] });
  const specified = readEvidence(tried.folder).calls.filter(({ stage }) => stage === 'specify');
  expect(specified.map(({ turn, outcome }) => `${turn} ${outcome}`)).toEqual(['1 answered', '2 answered']);
  const logs = readdirSync(join(tried.folder, 'logs')).map((name) =>
    readFileSync(join(tried.folder, 'logs', name), 'utf8'),
  );
  expect(logs.join('')).toMatch(/stale-attempt: this worker stood still for \d+ s/);
}, 900_000);

test('a worker that dies while a person approves loses no word of it', async () => {
  const tried = await runTrial(ground, {
    name: 'approving',
    async suffers({ worker, handle, over }) {
      const waiting = async () => {
        const { raw } = await handle.describe();
        const found = raw.workflowExecutionInfo?.searchAttributes?.indexedFields?.MillwrightWaitingFor?.data;
        return found !== undefined && found !== null && Buffer.from(found).toString().includes('approval');
      };
      await until(waiting, over);
      process.kill(worker.pid(), 'SIGKILL');
    },
  });
  expect(await violations(tried)).toEqual([]);
  expect(tried).toMatchObject({ hung: false, faults: [{ what: 'worker ended: SIGKILL' }] });
}, 900_000);
