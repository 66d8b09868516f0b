// Sends a reply over HTTP, as slowly and as badly as it says.
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Piece } from './completion';
import type { Reply } from './reply';

// A reset throws away what the other side has not read yet.
const BEFORE_RESET_MS = 30;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Tells `onSent` of every piece that goes out. A caller who hangs up ends it. */
export async function deliver(response: ServerResponse, reply: Reply, onSent: (piece: Piece) => void): Promise<void> {
  response.writeHead(reply.status, reply.headers);
  response.flushHeaders();
  const wires = Readable.from(watched(reply.pieces, onSent), { highWaterMark: 1 });
  try {
    await pipeline(wires, response, { end: reply.ending === 'end' });
  } catch (error) {
    if (!response.destroyed) throw error;
  }
  if (reply.ending === 'end') return;
  await sleep(BEFORE_RESET_MS);
  // A process that had its hands full for as long has had no time to read, where the other side is in it too.
  await nextTurn();
  response.socket?.resetAndDestroy();
}

async function* watched(pieces: Reply['pieces'], onSent: (piece: Piece) => void): AsyncGenerator<string> {
  for await (const piece of pieces) {
    onSent(piece);
    yield piece.wire;
  }
}
