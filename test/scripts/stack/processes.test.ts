// Processes beside a verb: logged, watched, ended in order, and never left behind.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Processes } from '../../../scripts/stack/processes';
import { startGuarded } from '../../../scripts/stack/guarded';
import { openRunFolder, type RunFolder } from '../../../scripts/stack/run-folder';
import { firstLine, isAlive, ownProcess, untilGone } from './own-process';

let folder: RunFolder;
let processes: Processes;

beforeEach(() => {
  folder = openRunFolder();
  processes = new Processes(folder.logs);
});
afterEach(async () => {
  await processes.close();
  folder.close();
});

/** Says that it ends when it is told to. */
const polite = (name: string) => ({
  name,
  command: process.execPath,
  args: [
    '-e',
    `process.once('SIGTERM', () => { console.log('bye', Date.now()); process.exit(); });
     console.log('ready as', process.env.ROLE); setInterval(() => undefined, 1000)`,
  ],
  env: { ROLE: name },
});
const shell = (name: string, script: string) => ({ name, command: '/bin/sh', args: ['-c', script] });

test('writes what a process prints to a log of its name, with the environment it was given', async () => {
  const worker = await processes.start(polite('worker'));
  const [, role] = await worker.said(/ready as (\w+)/);
  expect(role).toBe('worker');
  expect(await readFile(`${folder.logs}/worker.log`, 'utf8')).toBe('ready as worker\n');
});

test('shows the lines as well, where asked to', async () => {
  const lines: string[] = [];
  const show = (line: string) => lines.push(`[model] ${line}`);
  const model = await processes.start({ ...shell('model', 'echo one; echo two >&2; sleep 60'), show });
  await model.said(/one/);
  await model.said(/two/);
  expect(lines.sort()).toEqual(['[model] one', '[model] two']);
});

test('says in words that a process ended before it was ready, with the end of its log', async () => {
  const worker = await processes.start(shell('worker', 'echo no key >&2; exit 3'));
  await expect(worker.said(/ready/)).rejects.toThrow(
    `worker ended (exit code 3) before it was ready. The end of ${worker.log}:\nno key`,
  );
});

test('says in words that a process takes too long', async () => {
  const worker = await processes.start(shell('worker', 'sleep 60'));
  await expect(worker.said(/ready/, 0.2)).rejects.toThrow('worker took more than 0.2 seconds before it was ready.');
});

test('says which command could not be run', async () => {
  const worker = await processes.start({ name: 'worker', command: '/no/such/program' });
  await expect(worker.said(/ready/)).rejects.toThrow(/exit code 127.*\/no\/such\/program/s);
});

test('ends the last started first, one after the other', async () => {
  const started = [];
  for (const name of ['model', 'worker']) started.push(await processes.start(polite(name)));
  for (const each of started) await each.said(/ready/);
  await processes.close();
  const [model, worker] = await Promise.all(started.map(async ({ said }) => Number((await said(/bye (\d+)/))[1])));
  expect(worker!).toBeLessThan(model!);
  expect(started.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
});

test('kills what does not end on request', async () => {
  const stubborn = await startGuarded({
    command: process.execPath,
    args: ['-e', "process.on('SIGTERM', () => undefined); console.log('up'); setInterval(() => undefined, 1000)"],
    output: 'pipe',
  });
  await once(stubborn.child.stdout!, 'data');
  expect(await stubborn.stop(0.2)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('ends what a process leaves behind along with it', async () => {
  const worker = await processes.start(shell('worker', 'sleep 60 & echo child $!; wait'));
  const [, child] = await worker.said(/child (\d+)/);
  await worker.stop();
  expect(await untilGone(Number(child))).toBe(true);
});

const START_ONE = (logs: string) => `
  const { Processes, closeOnSignal } = stack('processes');
  const processes = new Processes(${JSON.stringify(logs)});
  closeOnSignal(() => processes.close());
  const worker = await processes.start(${JSON.stringify(polite('worker'))});
  await worker.said(/ready/);
  console.log(worker.pid);`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('on %s, ends the processes first and then itself', async (signal, exitCode) => {
  const owner = ownProcess(START_ONE(folder.logs));
  const pid = Number(await firstLine(owner));
  owner.kill(signal);
  expect(await once(owner, 'exit')).toEqual([exitCode, null]);
  expect(isAlive(pid)).toBe(false);
});

test.each([
  ['is killed', "process.kill(process.pid, 'SIGKILL')"],
  ['crashes', "throw new Error('a crash')"],
  ['just exits', 'process.exit(0)'],
])('leaves no process when the one that started it %s', async (_how, end) => {
  const owner = ownProcess(`${START_ONE(folder.logs)} setImmediate(() => { ${end} });`, 'ignore');
  const pid = Number(await firstLine(owner));
  await once(owner, 'exit');
  expect(await untilGone(pid)).toBe(true);
  expect(await readFile(`${folder.logs}/worker.log`, 'utf8')).toMatch(/bye/);
});
