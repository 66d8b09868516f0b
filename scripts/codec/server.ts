// Temporal's remote codec over HTTP: what the UI and the command line show of encrypted payloads, they have decrypted here.
import { timingSafeEqual, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';

const BODY_LIMIT_BYTES = 32 * 2 ** 20;
const HEADERS = 'Content-Type, X-Namespace, Authorization';

export type CodecServer = { url: string; close(): Promise<void> };

export type CodecServerOptions = {
  codec: PayloadCodec;
  host: string;
  port: number;
  /** The pages that may ask, as `http://host:port`: the UI's. */
  origins: readonly string[];
  /** Without it nobody is heard. */
  token?: string;
};

// As protobuf writes a payload in JSON: bytes in base64.
const Bytes = z.string().transform((text) => Buffer.from(text, 'base64'));
const Body = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), Bytes).optional(), data: Bytes.optional() })),
});

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const server = createServer((request, response) => void answer(request, response, options));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: CodecServerOptions): Promise<void> {
  try {
    allow(request, response, options);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const payloads = await coded(request, options);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ payloads }));
  } catch (error) {
    const status = error instanceof Refused ? error.status : 500;
    const message = error instanceof Refused ? error.message : 'it failed';
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  }
}

/** A page of another origin is refused before anything is read, not only kept from reading the answer. */
function allow({ headers, method }: IncomingMessage, response: ServerResponse, options: CodecServerOptions): void {
  const { host, origins, token } = options;
  // A name that a stranger's page has pointed at this machine would pass for our own origin.
  if (isLoopback(host) && !isLoopback(hostOf(headers.host)))
    throw new Refused(421, 'this server is asked by its address');
  const { origin } = headers;
  if (origin !== undefined) {
    if (!origins.includes(origin)) throw new Refused(403, `the origin ${origin.slice(0, 100)} may not ask: --origin`);
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Headers', HEADERS);
    response.setHeader('Access-Control-Allow-Methods', 'POST');
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Vary', 'Origin');
  }
  if (method === 'OPTIONS') return;
  if (token !== undefined && !isSame(headers.authorization ?? '', `Bearer ${token}`))
    throw new Refused(401, 'the header "Authorization: Bearer <token>" is missing, or names another token');
}

async function coded(request: IncomingMessage, { codec }: CodecServerOptions): Promise<object[]> {
  const way = /\/(encode|decode)$/.exec(new URL(request.url ?? '/', 'http://codec').pathname)?.[1];
  if (way === undefined) throw new Refused(404, 'there is /encode and /decode');
  if (request.method !== 'POST') throw new Refused(405, `/${way} takes POST`);
  const body = Body.safeParse(await jsonOf(request));
  if (!body.success) throw new Refused(400, `no payloads: ${z.prettifyError(body.error).slice(0, 300)}`);
  const payloads: Payload[] = body.data.payloads;
  return (way === 'encode' ? await codec.encode(payloads) : await codec.decode(payloads)).map(inJson);
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Refused(413, `more than ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refused(400, 'the body is no JSON');
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const inJson = ({ metadata, data }: Payload): object => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  ...(data && { data: base64(data) }),
});

const digest = (text: string) => createHash('sha256').update(text).digest();
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

const hostOf = (header = ''): string => (URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : '');

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
