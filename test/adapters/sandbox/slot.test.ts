// A user of its own for each sandbox: claimed by one at a time, and clean when it is claimed.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { takeSlot, type Slot } from '../../../src/adapters/sandbox/slot';
import { until } from '../../until';

const asRoot = process.getuid?.() === 0 ? test : test.skip;

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
const isRunning = (pid: string) => /^State:\s+[^ZX]/m.test(statusOf(pid));

test('no two at the same time are the same user', async () => {
  const slots = await Promise.all([takeSlot(), takeSlot(), takeSlot()]);
  expect(new Set(slots.map(({ uid }) => uid)).size).toBe(3);
  await Promise.all(slots.map((slot) => slot.release()));
});

asRoot('ends what a killed worker left as this user, and nothing that still has a parent', async () => {
  const { uid, release } = await takeSlot();
  const orphan = execFileSync(
    'sh',
    ['-c', `setpriv --reuid ${uid} --clear-groups sleep 98767 >/dev/null 2>&1 & echo $!`],
    {
      encoding: 'utf8',
    },
  ).trim();
  const child = spawn('sleep', ['98767'], { uid, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await until(() => new RegExp(`^PPid:\\s+1$[^]*^Uid:\\s+${uid}\\s`, 'm').test(statusOf(orphan)));
  await release();

  const taken: Slot[] = [];
  do taken.push(await takeSlot());
  while (taken.at(-1)!.uid < uid);

  await until(() => !isRunning(orphan));
  // Killed already, it would not end of this any more.
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
  await Promise.all(taken.map((slot) => slot.release()));
});
