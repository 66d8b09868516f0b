// The one way out of a setup: a socket behind which only packages are. It fetches them itself, keeps the operator's passwords, and looks at what comes.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetchFrom, RegistryFault, routeFor } from './fetching';
import type { Registries } from './registries';

/** Stands for the gateway's address in what its clients read, until they know it: see setup/inside/install.mjs. */
export const GATEWAY = 'http://gateway.invalid/';

/** Says what is wrong with what came from an address; nothing where it is as it should be. */
export type Inspect = (url: string, body: Buffer) => string | undefined;

export type Gateway = { socket: string; faults: readonly RegistryFault[] };

/** Open while `work` lasts. */
export async function withGateway<T>(
  registries: Registries,
  inspect: Inspect,
  work: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  const faults: RegistryFault[] = [];
  const over = new AbortController();
  const server = createServer((request, response) => {
    answer(registries, inspect, request, response, over.signal).catch((error: unknown) => {
      const fault = error instanceof RegistryFault ? error : new RegistryFault('refused', String(error));
      if (!over.signal.aborted) faults.push(fault);
      response.writeHead(fault.kind === 'missing' ? 404 : 502).end(fault.message);
    });
  });
  // The sandbox's user has to come by: the folder may be passed through, and nobody can read what is in it.
  const folder = await mkdtemp(path.join(tmpdir(), 'millwright-gateway-'));
  const socket = path.join(folder, 'socket');
  try {
    await new Promise<void>((listening, failed) => server.once('error', failed).listen(socket, listening));
    await chmod(folder, 0o711);
    await chmod(socket, 0o666);
    return await work({ socket, faults });
  } finally {
    over.abort();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How an address below a registry is asked for at the gateway. */
export const atGateway = (address: string, gateway = GATEWAY): string =>
  `${gateway}${encodeURIComponent(new URL(address).origin)}${address.slice(new URL(address).origin.length)}`;

async function answer(
  registries: Registries,
  inspect: Inspect,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const url = askedFor(request);
  const { type, body } = await fetchFrom(registries, url, { accept: request.headers.accept, signal });
  const objection = inspect(url, body);
  if (objection !== undefined) throw new RegistryFault('mismatch', objection);
  const isPage = /^(text\/html|application\/vnd\.pypi\.simple)/.test(type);
  const content = isPage ? throughGateway(body.toString(), url, registries, `http://${request.headers.host}/`) : body;
  response.writeHead(200, { 'content-type': type || 'application/octet-stream' }).end(content);
}

function askedFor({ method, url = '' }: IncomingMessage): string {
  const found = /^\/([^/?]+)(\/.*)$/.exec(url);
  if (method !== 'GET' || found === null) throw new RegistryFault('refused', 'only packages are to be had here');
  let origin: string;
  try {
    origin = decodeURIComponent(found[1]!);
  } catch {
    throw new RegistryFault('refused', 'only packages are to be had here');
  }
  if (!URL.canParse(origin) || new URL(origin).origin !== origin)
    throw new RegistryFault('refused', 'only packages are to be had here');
  return `${origin}${found[2]!}`;
}

/** An index names its files by whole addresses, or from its host's root: those that may be asked for, here. */
function throughGateway(page: string, url: string, { routes }: Registries, gateway: string): string {
  const { origin } = new URL(url);
  return page
    .replace(/(["'])\/(?!\/)/g, (_, quote: string) => `${quote}${origin}/`)
    .replace(/https?:\/\/[^\s"'<>]+/g, (address) =>
      routeFor(routes, address) ? atGateway(address, gateway) : address,
    );
}
