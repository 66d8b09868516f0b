// Ports of this machine: free ones, a refusal in words for one that is taken, and whether somebody listens.
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';
const LOWEST = 10_000;
export const HIGHEST_LOW = 32_767;

/** In `host:port` and in a URL. */
export const portOf = (address: string): number => Number(/:(\d+)/.exec(address.replace(/^\w+:\/\//, ''))![1]);

/**
 * Different free ports, all held until all are known. They lie below those that the system hands out by itself: any
 * connection to elsewhere might take one of those before it is used, and what stores a port in two bytes with a sign takes
 * no higher one.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST_LOW - LOWEST));
    const server = held.has(port) ? undefined : await listen(port).catch(unlessTaken);
    if (server !== undefined) held.set(port, server);
  }
  await Promise.all([...held.values()].map(close));
  return [...held.keys()];
}

function unlessTaken(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EADDRINUSE') throw error;
}

/** `what` needs the port; `choice` says how the reader can give it another. */
export async function demandFree(port: number, what: string, choice: string): Promise<void> {
  const server = await listen(port).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${error.message})`;
    throw new Error(`Port ${port}, for ${what}, ${why}. Stop what uses it, or choose another: ${choice}`);
  });
  await close(server);
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, LOOPBACK);
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  await once(server.close(), 'close');
}
