// `dev` as a real process: it brings up a server and workers, keeps them up, and leaves nothing behind.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepWorkers } from '../../../scripts/cli/keep-workers';
import { freePorts, isListening } from '../../../scripts/stack/ports';
import { Processes } from '../../../scripts/stack/processes';
import { openRunFolder } from '../../../scripts/stack/run-folder';
import { startServer } from '../../../scripts/stack/server';
import { findTemporal } from '../../../src/adapters/provision/temporal';
import { untilGone } from '../stack/own-process';

const RUN = join(__dirname, '../../../scripts/run.cjs');
const folder = openRunFolder();
const processes = new Processes(folder.logs);
jest.setTimeout(900_000);

const env = { MILLWRIGHT_HOME: folder.mirrors, TEMPORAL_ADDRESS: '' };

afterAll(async () => {
  await processes.close();
  folder.close();
});

const dev = (name: string, over: NodeJS.ProcessEnv, ...args: string[]) =>
  processes.start({ name, command: process.execPath, args: [RUN, 'dev', ...args], env: { ...env, ...over } });

test('says where everything is and what to try, and ends in order on Ctrl-C', async () => {
  const [port, uiPort] = (await freePorts(2)) as [number, number];
  const started = await dev('dev', {}, '--port', `${port}`, '--ui-port', `${uiPort}`, '--db-file', folder.database);
  const [words] = await started.said(/Up, until Ctrl-C:[\s\S]*signal --workflow-id/, 300);
  expect(words).toContain(`server    127.0.0.1:${port}, namespace default`);
  expect(words).toContain(`database  ${folder.database}`);
  expect(words).toContain(`UI        http://127.0.0.1:${uiPort}`);
  expect(words).toContain(`TEMPORAL_ADDRESS=127.0.0.1:${port} npm run start`);
  expect(existsSync(folder.database)).toBe(true);

  process.kill(started.pid, 'SIGINT');
  expect(await started.exited).toEqual({ code: 130, signal: null });
  expect(await Promise.all([isListening(port), isListening(uiPort)])).toEqual([false, false]);
});

test('starts nothing against a server of yours that does not answer', async () => {
  const started = await dev('dev-alone', { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(await started.exited).toEqual({ code: 5, signal: null });
  await started.said(/^No Temporal server answers at 127\.0\.0\.1:1/m);
});

test('starts workers again that died, and none once it is stopping', async () => {
  const { address, stop } = await startServer({ temporal: await findTemporal() });
  const starts = jest.spyOn(processes, 'start');
  const pidOf = async (at: number) => (await (starts.mock.results[at]!.value as ReturnType<Processes['start']>)).pid;
  const said: string[] = [];
  const stopping = new AbortController();
  await keepWorkers(
    processes,
    { address, namespace: 'default' },
    { say: (line) => said.push(line), stopping: stopping.signal },
  );

  process.kill(await pidOf(0), 'SIGKILL');
  while (starts.mock.calls.length < 2) await pause(50);
  expect(said).toEqual([expect.stringMatching(/^The workers have ended \(by SIGKILL\); starting them again\./)]);

  stopping.abort();
  const second = await pidOf(1);
  process.kill(second, 'SIGKILL');
  expect(await untilGone(second, 60)).toBe(true);
  await pause(2_500);
  expect(starts).toHaveBeenCalledTimes(2);
  await stop();
});
