// A database that does not stay up: until two projects are delivered it is killed every few seconds, for up to ten minutes.
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged } from '../../scripts/trial/judged';
import { randomFrom } from '../../scripts/trial/random';
import { postgresServer } from '../../scripts/trial/server-under-test';
import { door } from '../scenarios/door';
import { PATIENCE_MS } from './sweeping';

const STORM_MS = 600_000;
const CALM_MS = [5_000, 6_000, 7_000, 8_000, 9_000, 10_000];
const MILESTONES = 12;
const STALLED = 4;
const names = ['left', 'right'];

let ground: Ground;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround(names, postgresServer);
}, PATIENCE_MS);
afterAll(() => ground.close());

test(
  'a database that is killed every few seconds holds projects up, and breaks none',
  async () => {
    const begun = names.map(() => door());
    let delivered = false;
    const trials = names.map((name, at) =>
      judged(ground, { name, milestones: MILESTONES, suffers: async () => begun[at]!.open() }),
    );
    const all = Promise.all(trials).finally(() => (delivered = true));
    await Promise.race([all, Promise.all(begun.map(({ opened }) => opened))]);

    const [start, random] = [performance.now(), randomFrom('storm')];
    let blows = 0;
    for (; !delivered && performance.now() < start + STORM_MS; blows++) {
      await pause(random.oneOf(CALM_MS));
      await ground.strikeDatabase(0);
    }
    const tried = await all;

    expect(tried.flatMap(({ violations }) => violations)).toEqual([]);
    const recoveries = tried.flatMap((one) => one.recoveries).filter(({ what }) => what === 'database back');
    const seconds = recoveries.map((one) => one.seconds).sort((a, b) => a - b);
    console.log(
      `${names.length} projects of ${MILESTONES} in ${tried.map((one) => Math.round(one.seconds)).join(' and ')} s, ` +
        `through ${blows} deaths of the database; half of the times work went on after ` +
        `${seconds[Math.floor(seconds.length / 2)]} s, the longest was ${seconds.at(-1)} s`,
    );
    expect(blows).toBeGreaterThan(10);
    // One or another may have met a busy machine as well.
    const [{ bound = 0 }] = recoveries as [(typeof recoveries)[0]];
    expect(seconds[Math.floor(seconds.length / 2)]).toBeLessThanOrEqual(bound);
    expect(seconds.at(-1)).toBeLessThanOrEqual(STALLED * bound);
  },
  PATIENCE_MS,
);
