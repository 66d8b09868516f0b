import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeAbandoned, withScratchFolder } from '../../../src/adapters/sandbox/scratch';

const root = mkdtempSync(path.join(tmpdir(), 'scratch-test-'));
afterEach(() => readdirSync(root).forEach((name) => rmSync(path.join(root, name), { recursive: true })));
afterAll(() => rmSync(root, { recursive: true }));

const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
const leave = (name: string) => mkdirSync(path.join(root, name));
async function left(): Promise<string[]> {
  await removeAbandoned(root);
  return readdirSync(root);
}

test('the folder of a killed process is removed by the next one to come, however young it is', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  leave(`millwright-${space}-${child.pid}-1-abcdef`);
  expect(await left()).toEqual([]);
});

test('the folder of a process whose number somebody else has by now is removed', async () => {
  leave(`millwright-${space}-${process.pid}-1-abcdef`);
  expect(await left()).toEqual([]);
});

test('the folder of a process that lives stays', async () => {
  await withScratchFolder(root, async (folder) => expect(await left()).toEqual([path.basename(folder)]));
  expect(readdirSync(root)).toEqual([]);
});

test('the folder of a process that may live elsewhere stays for an hour', async () => {
  const name = `millwright-1-${process.pid}-1-abcdef`;
  leave(name);
  expect(await left()).toEqual([name]);
  const old = Date.now() / 1000 - 3_601;
  utimesSync(path.join(root, name), old, old);
  expect(await left()).toEqual([]);
});

test('what is none of ours stays', async () => {
  leave('millwright-notes');
  expect(await left()).toEqual(['millwright-notes']);
});
