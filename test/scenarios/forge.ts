// A forge as far as pull requests go, over real HTTP: GitHub's way to list and to open them, and what it may suffer.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Pull = {
  html_url: string;
  title: string;
  body: string;
  base: { ref: string };
  head: { ref: string; repo: { full_name: string } | null };
};

export type FakeForge = {
  api: string;
  pulls: Pull[];
  /** `METHOD path` of every request, with the token that it showed. */
  asked: { request: string; token?: string }[];
  /** What it answers the next requests instead. */
  faults: ({ status: number; message: string } | { status: number; text: string; location?: string })[];
  close(): Promise<void>;
};

export async function startForge(): Promise<FakeForge> {
  const forge: Omit<FakeForge, 'api' | 'close'> = { pulls: [], asked: [], faults: [] };
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      forge.asked.push({ request: `${request.method} ${request.url}`, token: request.headers.authorization });
      const [fault] = forge.faults;
      if (fault !== undefined && 'text' in fault) {
        forge.faults.shift();
        return response.writeHead(fault.status, fault.location ? { location: fault.location } : {}).end(fault.text);
      }
      const { status, said } = answer(request, text);
      return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...forge, api: `${origin}/api/v3`, close: async () => void server.close() };

  function answer({ method, url }: IncomingMessage, text: string): { status: number; said: unknown } {
    const fault = forge.faults.shift();
    if (fault !== undefined && 'message' in fault) return { status: fault.status, said: { message: fault.message } };
    const [, name] = /^\/api\/v3\/repos\/([\w.-]+\/[\w.-]+)\/pulls(?:\?|$)/.exec(url!) ?? [];
    if (name === undefined) return { status: 404, said: { message: 'Not Found' } };
    // As Gitea does: it lists them all, whichever head was asked for.
    if (method === 'GET') return { status: 200, said: forge.pulls };
    const { title, body, base, head } = JSON.parse(text) as Record<'title' | 'body' | 'base' | 'head', string>;
    const there = forge.pulls.some((pull) => pull.head.ref === head);
    if (there) return { status: 422, said: { message: `A pull request already exists for ${head}.` } };
    const html_url = `${origin}/${name}/pull/${forge.pulls.length + 1}`;
    const pull = { html_url, title, body, base: { ref: base }, head: { ref: head, repo: { full_name: name } } };
    forge.pulls.push(pull);
    return { status: 201, said: pull };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
