// A worker is taken for dead after 15 s without a sign of life: it has to give one far more often, or a short stall of its
// machine loses work that nobody has lost.
import { specification } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { until } from '../until';

const mill = useMill({ definitions: small });

test('the server hears of a piece of work every few seconds, from its first ones on', async () => {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const specify = async () => {
    await answered;
    return specification();
  };
  const run = await mill.milestone({ specify }, { pipeline: 'solo' });
  const heard = new Set<number>();
  const look = async () => {
    const { raw } = await run.handle.describe();
    for (const { lastHeartbeatTime } of raw.pendingActivities ?? [])
      if (lastHeartbeatTime) heard.add(Number(lastHeartbeatTime.seconds) + (lastHeartbeatTime.nanos ?? 0) / 1e9);
    return heard.size >= 4;
  };
  await until(look);
  answer();
  expect(await run.result()).toEqual({ outcome: 'complete' });
  // Of a machine that stalls now and then, the shortest distance tells how often it was meant to be.
  const times = [...heard].sort((one, other) => one - other);
  expect(Math.min(...times.slice(1).map((time, at) => time - times[at]!))).toBeLessThan(6);
});
