// A step of a workflow that takes longer than the SDK would have it, on a machine that has much to do, is done all the same.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { startServer, type Server } from '../../scripts/stack/server';
import { findTemporal } from '../../src/adapters/provision/temporal';
import { unhurried } from '../../src/workers/unhurried';

const CUT_MS = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'millwright-unhurried-'));
let server: Server;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  server = await startServer({ temporal: await findTemporal() });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const work = (rounds: number): number => {
  let sum = 0;
  for (let round = 0; round < rounds; round++) for (let each = 0; each < 1_000_000; each++) sum = (sum + each) % 7;
  return sum;
};

/** How often this machine does that work in a second, by the best of several. */
function roundsASecond(): number {
  const times = Array.from({ length: 50 }, () => {
    const began = performance.now();
    work(1);
    return performance.now() - began;
  });
  return 1_000 / Math.min(...times);
}

test('it is not cut short after five seconds', async () => {
  symlinkSync(join(__dirname, '../../node_modules'), join(folder, 'node_modules'));
  const workflowsPath = join(folder, 'busy.js');
  writeFileSync(workflowsPath, `const work = ${work.toString()};\nexports.busy = async (rounds) => work(rounds);\n`);
  const { address } = server;
  const [connection, native] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
  const worker = await Worker.create({ connection: native, taskQueue: 'busy', workflowsPath, ...unhurried });
  const client = new Client({ connection });
  /** How long its one step took, with so much to do; the server gives it time here. */
  const msOf = async (rounds: number): Promise<number> => {
    const how = { workflowId: 'busy', taskQueue: 'busy', args: [rounds], workflowTaskTimeout: '2 minutes' };
    const began = performance.now();
    const handle = await client.workflow.start('busy', how);
    await handle.result();
    const { events } = await handle.fetchHistory();
    expect(events!.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
    return performance.now() - began;
  };
  await worker.runUntil(async () => {
    for (let rounds = Math.ceil((CUT_MS / 1_000 + 1) * roundsASecond()); (await msOf(rounds)) < CUT_MS + 500;)
      rounds *= 2;
  });
  await native.close();
  await connection.close();
}, 240_000);
