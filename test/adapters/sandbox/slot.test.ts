// A user of its own for each sandbox: claimed by one at a time, and clean when it is claimed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { takeSlot, type Slot } from '../../../src/adapters/sandbox/slot';

const asRoot = process.getuid?.() === 0 ? test : test.skip;

function isRunning(pid: number | string): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('no two at the same time are the same user', async () => {
  const slots = await Promise.all([takeSlot(), takeSlot(), takeSlot()]);
  expect(new Set(slots.map(({ uid }) => uid)).size).toBe(3);
  await Promise.all(slots.map((slot) => slot.release()));
});

asRoot('ends what a killed worker left as this user, and nothing that still has a parent', async () => {
  const { uid, release } = await takeSlot();
  const orphan = execFileSync(
    'sh',
    ['-c', `setpriv --reuid ${uid} --clear-groups sleep 98761 >/dev/null 2>&1 & echo $!; sleep 0.3`],
    { encoding: 'utf8' },
  ).trim();
  const child = spawn('sleep', ['98761'], { uid, stdio: 'ignore' });
  expect([orphan, child.pid!].map(isRunning)).toEqual([true, true]);
  await release();

  const taken: Slot[] = [];
  do taken.push(await takeSlot());
  while (taken.at(-1)!.uid < uid);

  await delay(50);
  expect([orphan, child.pid!].map(isRunning)).toEqual([false, true]);
  child.kill('SIGKILL');
  await Promise.all(taken.map((slot) => slot.release()));
});
