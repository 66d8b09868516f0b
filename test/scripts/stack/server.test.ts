// A development server of our own: it starts with what Millwright needs, keeps what it knows, and leaves nothing behind.
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { isListening, LOOPBACK, portOf } from '../../../scripts/stack/ports';
import { openRunFolder, type RunFolder } from '../../../scripts/stack/run-folder';
import { startServer } from '../../../scripts/stack/server';
import { findTemporal } from '../../../src/adapters/provision/temporal';
import { searchAttributes } from '../../../src/domain/names';
import { firstLine, isAlive, ownProcess, untilGone } from './own-process';

let temporal: string;
let folder: RunFolder;

beforeAll(async () => {
  temporal = await findTemporal();
});
beforeEach(() => {
  folder = openRunFolder();
});
afterEach(() => folder.close());

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

test('takes workflows with our search attributes as soon as it is ready, and stops without a trace', async () => {
  const server = await startServer({ temporal });
  await withClient(server.address, (client) =>
    client.workflow.start('anything', {
      workflowId: 'one',
      taskQueue: 'nobody',
      searchAttributes: Object.fromEntries(Object.values(searchAttributes).map((name) => [name, ['value']])),
    }),
  );
  expect((await fetch(server.uiUrl)).status).toBe(200);

  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
  expect(await isListening(portOf(server.address))).toBe(false);
  expect(await isListening(portOf(server.uiUrl))).toBe(false);
  await server.stop(); // stopping twice is stopping once
});

test('takes other ports where somebody was quicker at one that was free a moment ago', async () => {
  const quicker = join(folder.logs, 'quicker');
  const shim = join(folder.logs, 'temporal');
  // Beside the first server, and only beside that, somebody listens at its port, until this test's folder goes.
  const program = `#!/bin/sh
if mkdir '${quicker}' 2>/dev/null; then
  for arg; do [ "$last" = --port ] && port=$arg; last=$arg; done
  leaving="setInterval(() => require('fs').existsSync('${quicker}') || process.exit(), 200); setTimeout(process.exit, 300000)"
  node -e "require('net').createServer().listen($port, '127.0.0.1', () => console.log('there')); $leaving" > '${quicker}/said' &
  until grep -q there '${quicker}/said'; do sleep 0.05; done
fi
exec '${temporal}' "$@"
`;
  writeFileSync(shim, program, { mode: 0o755 });
  const server = await startServer({ temporal: shim });
  expect(existsSync(quicker)).toBe(true);
  await withClient(server.address, (client) => client.workflow.count());
  await server.stop();
});

test('takes other ports also where the server says so in a panic, with a long stack behind it', async () => {
  const tried = join(folder.logs, 'tried');
  const shim = join(folder.logs, 'temporal');
  const program = `#!/bin/sh
mkdir '${tried}' 2>/dev/null || exec '${temporal}' "$@"
printf 'panic: listen tcp 127.0.0.1:1: bind: address already in use\n\ngoroutine 1 [running]:\n'
for at in $(seq 200); do echo "	/go/pkg/mod/somewhere/in/the/server.go:$at +0xf"; done
exit 2
`;
  writeFileSync(shim, program, { mode: 0o755 });
  const server = await startServer({ temporal: shim });
  expect(existsSync(tried)).toBe(true);
  await withClient(server.address, (client) => client.workflow.count());
  await server.stop();
});

test.each(['SIGTERM', 'SIGKILL'] as const)('keeps a workflow in its database over a %s', async (signal) => {
  const first = await startServer({ temporal, dbFile: folder.database });
  await withClient(first.address, (client) =>
    client.workflow.start('anything', { workflowId: 'kept', taskQueue: 'nobody' }),
  );
  process.kill(first.pid, signal);
  await first.exited;

  const ports = { port: portOf(first.address), uiPort: portOf(first.uiUrl) };
  const second = await startServer({ temporal, dbFile: folder.database, ...ports });
  const kept = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
  expect(kept.status.name).toBe('RUNNING');
  await second.stop();
});

test('refuses a taken port in words', async () => {
  const other = createServer().listen(0, LOOPBACK);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startServer({ temporal, port })).rejects.toThrow(
    `Port ${port}, for the Temporal server, is already in use. Stop what uses it, or choose another: --port <number>`,
  );
  await expect(startServer({ temporal, uiPort: port })).rejects.toThrow(
    `Port ${port}, for the Temporal UI, is already in use. Stop what uses it, or choose another: --ui-port <number>`,
  );
  other.close();
});

test('repeats what a server said that ended at once, and keeps it in the log', async () => {
  const log = `${folder.logs}/server.log`;
  const dbFile = `${folder.path}/no/such/folder/db.sqlite`;
  await expect(startServer({ temporal, dbFile, log })).rejects.toThrow(
    /ended \(exit code 1\) at once\. The end of .*/s,
  );
  expect(await readFile(log, 'utf8')).toMatch(/no such file|unable to open/i);
});

test('ends when the process that started it is killed', async () => {
  const options = JSON.stringify({ temporal, log: `${folder.logs}/server.log` });
  const owner = ownProcess(`console.log((await stack('server').startServer(${options})).pid)`);
  const pid = Number(await firstLine(owner));
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  expect(await untilGone(pid, 60)).toBe(true);
});
