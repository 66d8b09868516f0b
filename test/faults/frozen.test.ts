// A worker that stands still for so long that it is taken for dead, and wakes up; and one that dies while a person decides.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged } from '../../scripts/trial/judged';
import { isFrozen } from '../../scripts/trial/processes';
import { until, waitsForApproval } from './ending';

let ground: Ground;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround(['frozen', 'approving']);
});
afterAll(() => ground.close());

test('a frozen worker that wakes up when its work is done by another one asks nothing, writes nothing, and says so', async () => {
  const tried = await judged(ground, {
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
  expect(tried).toMatchObject({ violations: [], hung: false, faults: [{ what: 'frozen' }] });
  const specified = readEvidence(tried.folder).calls.filter(({ stage }) => stage === 'specify');
  expect(specified.map(({ turn, outcome }) => `${turn} ${outcome}`)).toEqual(['1 answered', '2 answered']);
  const logs = readdirSync(join(tried.folder, 'logs')).map((name) =>
    readFileSync(join(tried.folder, 'logs', name), 'utf8'),
  );
  expect(logs.join('')).toMatch(/stale-attempt: (?:this worker stood still for \d+ s|attempt 1 was taken for dead)/);
}, 900_000);

test('a worker that dies while a person approves loses no word of it', async () => {
  const tried = await judged(ground, {
    name: 'approving',
    async suffers(victim) {
      await until(() => waitsForApproval(victim), victim.over);
      process.kill(victim.worker.pid(), 'SIGKILL');
    },
  });
  expect(tried).toMatchObject({ violations: [], hung: false, faults: [{ what: 'worker ended: SIGKILL' }] });
}, 900_000);
