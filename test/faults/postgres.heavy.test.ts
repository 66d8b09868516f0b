// The real server on PostgreSQL: one command starts it and leaves nothing, and a delivery outlives the death of server and database.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { LoggedCall } from '../../scripts/scripted-model/server';
import { isListening } from '../../scripts/stack/ports';
import { openDisk, whyNoDisk } from '../../scripts/trial/disk';
import { startPostgresServer, type PostgresServer } from '../../scripts/stack/postgres-server';
import { processTable } from '../../scripts/trial/processes';
import { Processes } from '../../scripts/stack/processes';
import { openRunFolder } from '../../scripts/stack/run-folder';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { providePostgres } from '../../src/adapters/provision/postgres';
import { findTemporalServer } from '../../src/adapters/provision/temporal-server';
import { searchAttributes } from '../../src/domain/names';
import { bare, sound } from '../adapters/git/ground';
import { change, code, suite, test as testing } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';

jest.setTimeout(900_000);

const ROOT = join(__dirname, '../..');
const GONE_MS = 60_000;

/** Built by `npm run test:faults` before the tests begin: in a test it would take too long. */
async function programs() {
  const built = await findTemporalServer(cacheFolder());
  if (built === undefined)
    throw new Error("Temporal's server is not built: run this by `npm run test:faults`, with Go installed.");
  return { ...built, postgres: await providePostgres(cacheFolder()) };
}

/** What runs out of a folder, by its command line. */
const runningIn = (folder: string): string[] =>
  processTable().flatMap(({ pid, command }) => (command.includes(folder) ? [`${pid} ${command}`] : []));

async function untilNothingRunsIn(folder: string): Promise<string[]> {
  for (let tries = 0; tries < 1_200 && runningIn(folder).length > 0; tries++) await pause(100);
  return runningIn(folder);
}

describe('npm run server:postgres', () => {
  const logs = openRunFolder();
  const parent = mkdtempSync(join(tmpdir(), 'millwright-postgres-'));
  const folder = join(parent, 'kept');
  const processes = new Processes(logs.logs);
  let count = 0;
  const start = async (...more: string[]) => {
    const args = ['scripts/run.cjs', 'server-postgres', '--folder', folder, ...more];
    const server = await processes.start({ name: `server-${++count}`, command: process.execPath, args, cwd: ROOT });
    const [, address] = await server.said(/server +(127\.0\.0\.1:\d+)/, 240);
    return { ...server, address: address! };
  };
  const withClient = async <T>(address: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address });
    return work(new Client({ connection })).finally(() => connection.close());
  };
  afterAll(async () => {
    await processes.close();
    rmSync(parent, { recursive: true, force: true });
    logs.close();
  });

  test('takes workflows with our search attributes, keeps them, forgets them when told to, and leaves no process', async () => {
    chmodSync(parent, 0o755);
    const first = await start();
    await withClient(first.address, (client) =>
      client.workflow.start('anything', {
        ...{ workflowId: 'kept', taskQueue: 'nobody' },
        searchAttributes: Object.fromEntries(Object.values(searchAttributes).map((name) => [name, ['value']])),
      }),
    );
    await first.stop(240);
    expect((await first.exited).code).toBe(143);
    expect(await untilNothingRunsIn(folder)).toEqual([]);
    expect(await isListening(Number(first.address.split(':')[1]))).toBe(false);

    const second = await start();
    const kept = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(kept.status.name).toBe('RUNNING');
    process.kill(second.pid, 'SIGKILL');
    await second.exited;
    expect(await untilNothingRunsIn(folder)).toEqual([]);

    const third = await start('--clean');
    await expect(withClient(third.address, (client) => client.workflow.getHandle('kept').describe())).rejects.toThrow(
      /not found/i,
    );
    await third.stop(240);
  });

  test('empties no folder that has something else in it', async () => {
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    const args = ['scripts/run.cjs', 'server-postgres', '--folder', folder, '--clean'];
    const refused = await processes.start({ name: 'refused', command: process.execPath, args, cwd: ROOT });
    expect((await refused.exited).code).toBe(2);
    expect(readFileSync(refused.log, 'utf8')).toContain('has mine.txt in it');
    expect(existsSync(join(folder, 'data'))).toBe(true);
  });
});

describe('a delivery on it', () => {
  let server: PostgresServer;
  const folder = mkdtempSync(join(tmpdir(), 'millwright-postgres-'));
  const noDisk = whyNoDisk();
  // Its tables need some 100 MB, and its log segments as much again.
  const disk = noDisk === undefined ? openDisk(folder, '600m') : undefined;
  const mill = useMill({
    ...{ definitions: small, workers: [] },
    server: async () => {
      server = await startPostgresServer({ programs: await programs(), folder });
      const { address, pid, stop } = server;
      return { address, pid, stop, uiUrl: '', exited: new Promise(() => undefined) };
    },
  });
  afterAll(() => {
    disk?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The endpoint answers only when it is told to: in the middle of this call the parts die. */
  function heldBack() {
    let [asked, release] = [() => {}, () => {}];
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const implement = async () => {
      asked();
      await released;
      return change(code('add'));
    };
    return { reached, release, script: { implement, tests: [suite(testing('add'))] } };
  }

  /** `goOn` has the endpoint answer before the parts are back. */
  const deaths: [string, (goOn: () => void) => Promise<void>][] = [
    [
      'its server is killed',
      async () => {
        await server.kill();
        await server.restart();
      },
    ],
    [
      'its database is gone for a minute',
      async () => {
        await server.database.kill();
        await pause(GONE_MS);
        await server.database.restart();
      },
    ],
    [
      'its database is killed again as soon as it is back, six times,',
      async (goOn) => {
        for (let time = 0; time < 6; time++) {
          await server.database.kill();
          await server.database.restart();
          goOn();
        }
      },
    ],
    [
      'both are killed together',
      async () => {
        await Promise.all([server.kill(), server.database.kill()]);
        await server.database.restart();
        await server.restart();
      },
    ],
  ];

  /** As long as it is full, starts are refused; what was acknowledged nevertheless is there when there is space again. */
  async function fillUp(): Promise<void> {
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const empty = disk!.fill('space');
    for (let each = 0; each < 100 && refused.length < 3; each++) {
      const how = { workflowId: `full-${each}`, taskQueue: 'nobody', memo: { filler: 'x'.repeat(200_000) } };
      await mill.client
        .withDeadline(Date.now() + 5_000, () => mill.client.workflow.start('anything', how))
        .then(
          ({ workflowId }) => acknowledged.push(workflowId),
          ({ message }: Error) => refused.push(message),
        );
    }
    expect(refused).toHaveLength(3);
    // As an operator does it: makes room, and starts the database again, which may have given up by then.
    await server.database.kill();
    empty();
    await server.database.restart();
    for (const id of acknowledged) {
      const kept = () => mill.client.workflow.getHandle(id).describe();
      while (!(await kept().catch(() => undefined))) await pause(500);
      await mill.client.workflow.getHandle(id).terminate();
    }
  }

  /**
   * What was asked after it had been answered. Two attempts that are held back at once, the first given up by a server that
   * was away for longer than a heartbeat may be, are answered together: the loser's answer is counted, and nothing is asked again.
   */
  function askedAgain(calls: readonly LoggedCall[]): string[] {
    const endOf = ({ at, ms }: LoggedCall) => Date.parse(at) + ms;
    const isAfter = (call: LoggedCall, other: LoggedCall) =>
      other !== call && other.key === call.key && other.outcome === 'answered' && Date.parse(call.at) >= endOf(other);
    return calls.filter((call) => calls.some((other) => isAfter(call, other))).map(({ key }) => key);
  }

  async function outlives(strike: (goOn: () => void) => Promise<void>): Promise<void> {
    await mill.startWorkerProcess('workflows,agents,sandbox,gate');
    const { reached, release, script } = heldBack();
    const run = await mill.milestone(script, { pipeline: 'quick', approvers: ['ada'], repository: bare() });
    await reached;
    const early = await run.answered(() => run.say('approve', { subject: 'f'.repeat(40), by: 'mallory' }));
    expect(early.accepted).toBe(false);
    await run.say('pause', { by: 'ada' });
    await run.say('resume', { by: 'ada' });
    await strike(release);
    release();

    await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged', approvedBy: 'ada' });
    const heard = (await run.decisions()).map(({ kind, by, accepted }) => `${kind} ${by} ${accepted}`);
    expect(heard).toEqual(['approve mallory false', 'pause ada true', 'resume ada true', 'approve ada true']);
    expect(run.git('rev-list', '--count', '--merges', '--first-parent', 'main')).toBe('1');
    expect(sound(run.repository)).toBe('');
    expect(askedAgain(run.calls())).toEqual([]);
  }

  test.each(deaths)('in the middle of which %s ends merged, and what was acknowledged before is known', (_, strike) =>
    outlives(strike),
  );

  // Where none can be mounted, a full disk cannot be had without filling somebody's.
  (disk === undefined ? test.skip : test)(
    'in the middle of which the disk under its database is full ends merged, and what was acknowledged before is known',
    () => outlives(fillUp),
  );
});
