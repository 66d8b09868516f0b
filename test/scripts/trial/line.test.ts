// A line that is cut, slowed down or reset does to those who speak over it what a network would do.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { openLine, type Line } from '../../../scripts/trial/line';
import { until } from '../../until';

let echo: Server;
let line: Line;
let heard = '';
let ended = 0;
const sockets: Socket[] = [];

beforeAll(async () => {
  echo = createServer((socket) => {
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString();
      socket.write(piece);
    });
    socket.on('error', () => (ended += 1));
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
beforeEach(async () => {
  [heard, ended] = ['', 0];
  line = await openLine((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await line.close();
});
afterAll(() => echo.close());

async function caller() {
  const socket = connect(Number(line.address.split(':')[1]), '127.0.0.1');
  sockets.push(socket);
  const caller = { socket, got: '', broken: undefined as string | undefined };
  socket.on('data', (piece: Buffer) => (caller.got += piece.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (caller.broken = error.code));
  await once(socket, 'connect');
  return caller;
}

test('what is said passes both ways, and so does the end', async () => {
  const { socket, ...one } = await caller();
  const whole = once(socket, 'end');
  socket.end('hello');
  await whole;
  expect({ ...one, heard }).toMatchObject({ heard: 'hello' });
});

test('cut, it lets nothing pass and tells nobody; mended, it lets pass what was said meanwhile, in its order', async () => {
  const one = await caller();
  one.socket.write('a');
  await until(() => one.got === 'a');
  line.cut();
  one.socket.write('b');
  const late = await caller();
  late.socket.write('c');
  await pause(300);
  expect({ heard, got: one.got, broken: one.broken }).toEqual({ heard: 'a', got: 'a', broken: undefined });
  one.socket.write('d');
  line.mend();
  await until(() => one.got === 'abd' && late.got === 'c');
});

test('slow, everything is under way for as long as was said, and mending it ends that', async () => {
  const one = await caller();
  line.slow({ delayMs: 200 });
  const began = performance.now();
  one.socket.write('a');
  await until(() => one.got === 'a');
  expect(performance.now() - began).toBeGreaterThan(390);
  line.slow({ bytesPerSecond: 1 });
  one.socket.write('bcdefgh');
  await pause(100);
  expect(heard).toBe('a');
  line.mend();
  await until(() => one.got === 'abcdefgh');
});

test('reset, both sides see their connection broken, and a new one is taken', async () => {
  const one = await caller();
  one.socket.write('a');
  await until(() => one.got === 'a');
  expect(line.reset()).toBe(1);
  await until(() => one.broken === 'ECONNRESET' && ended === 1);
  const next = await caller();
  next.socket.write('b');
  await until(() => next.got === 'b');
});

test('where nobody listens, the connection is broken at once', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await once(gone.close(), 'close');
  const [before, own] = [line, await openLine(port)];
  line = own;
  const one = await caller();
  await until(() => one.broken !== undefined);
  await before.close();
});
