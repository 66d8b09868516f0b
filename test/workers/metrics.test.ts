// What a worker says of itself to whoever watches it.
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '../../scripts/stack/ports';
import { useMill } from '../scenarios/mill';

const mill = useMill({ workers: [] });

test('a worker tells its metrics where it was told to, and nowhere else', async () => {
  const [port] = await freePorts(1);
  mill.environment.MILLWRIGHT_METRICS = `127.0.0.1:${port}`;
  const worker = await mill.startWorkerProcess('gate');
  const polls = /^temporal_num_pollers\{[^}]*task_queue="millwright-gate"[^}]*\} [1-9]/m;
  const told = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  // That it is ready is said before its pollers are counted.
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && !polls.test(await told());) await pause(100);
  expect(await told()).toMatch(polls);
  await worker.stop();

  delete mill.environment.MILLWRIGHT_METRICS;
  const silent = await mill.startWorkerProcess('gate');
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  await silent.stop();
});
