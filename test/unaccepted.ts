// A port of this machine where no connection comes about, as behind a firewall that drops what comes: nobody accepts any there, and
// its queue of those that wait to be accepted is full. A further one is not refused; it is asked for again and again, unheard.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { until } from './until';

/** One in it, and one over it: Linux takes as many before it drops the first. */
const QUEUE = 1;
const FILLING = 4;

/** It accepts nothing, since its thread is asleep from when it listens. */
const SLEEPER = `const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: ${QUEUE} }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

export type Unaccepted = {
  url: string;
  /** How many connections to it are being asked for, and not made. */
  asking(): number;
  close(): Promise<unknown>;
};

export async function startUnaccepted(): Promise<Unaccepted> {
  const sleeper = new Worker(SLEEPER, { eval: true });
  const [port] = (await once(sleeper, 'message')) as [number];
  const filling = Array.from({ length: FILLING }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  // What the kernel has sent a second time, it was not answered the first time.
  await until(() => requested(port).some((tries) => tries > 0));
  await until(() => filling.filter(isMade).length + requested(port).length === FILLING);
  filling.filter((socket) => !isMade(socket)).forEach((socket) => socket.destroy());
  const close = () => {
    filling.forEach((socket) => socket.destroy());
    return sleeper.terminate();
  };
  return { url: `http://127.0.0.1:${port}/v1`, asking: () => requested(port).length, close };
}

const isMade = (socket: Socket): boolean => !socket.connecting;

const SYN_SENT = '02';

/** The connections to a port that are being asked for: how often each was asked for again. */
function requested(port: number): number[] {
  const there = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(there) && state === SYN_SENT)
    .map((fields) => parseInt(fields[6]!, 16));
}
