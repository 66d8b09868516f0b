import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arriving } from '../../src/adapters/arriving';
import { collectGarbage } from '../collect-garbage';
import { until } from '../until';

let server: Server;
let answer: (response: ServerResponse) => void;
let hungUp = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    response.once('close', () => (hungUp += response.writableFinished ? 0 : 1));
    response.writeHead(200);
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => (hungUp = 0));
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function asked(signal: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
  return arriving(await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal }), signal);
}
async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of bytes) all.push(piece);
  return Buffer.concat(all).toString();
}

test('all arrives that was sent, though it was sent slowly', async () => {
  answer = (response) => {
    response.write('one ');
    setTimeout(() => response.end('two'), 50);
  };
  const bytes = await asked(new AbortController().signal);
  await collectGarbage();
  expect(await textOf(bytes)).toBe('one two');
  expect(hungUp).toBe(0);
});

test.each([true, false])(
  'when nobody waits any more it is over and hung up, garbage collected: %s',
  async (collected) => {
    answer = (response) => void response.write('one ');
    const controller = new AbortController();
    const bytes = await asked(controller.signal);
    expect(Buffer.from((await bytes.next()).value as Uint8Array).toString()).toBe('one ');
    const next = bytes.next();
    if (collected) await collectGarbage();
    controller.abort(new Error('too long'));
    await expect(next).rejects.toThrow('too long');
    await until(() => hungUp === 1);
  },
);

test('what is not wanted any more is not waited for before it is asked for', async () => {
  answer = (response) => void response.write('one ');
  const controller = new AbortController();
  const bytes = await asked(controller.signal);
  controller.abort(new Error('too late'));
  await expect(bytes.next()).rejects.toThrow('too late');
  await until(() => hungUp === 1);
});

test('who has read enough hangs up', async () => {
  answer = (response) => void response.write('one ');
  for await (const piece of await asked(new AbortController().signal)) {
    expect(Buffer.from(piece).toString()).toBe('one ');
    break;
  }
  await until(() => hungUp === 1);
});

test('an answer that breaks off is an error, not an end', async () => {
  answer = (response) => {
    response.write('one ');
    setTimeout(() => response.socket?.resetAndDestroy(), 20);
  };
  await expect(textOf(await asked(new AbortController().signal))).rejects.toThrow('terminated');
});
