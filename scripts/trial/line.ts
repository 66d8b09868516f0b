// A line between a worker and whoever it talks to, as a network makes one: it can be cut, slowed down and reset. A small TCP proxy.
import { once, setMaxListeners } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LOOPBACK } from '../stack/ports';

/** Of each direction: how long everything is under way, and how much passes in a second. */
export type Slowness = { delayMs?: number; bytesPerSecond?: number };

export type Line = {
  address: string;
  /** Nothing passes either way, and neither side is told. New connections are taken, and hear nothing. */
  cut(): void;
  slow(how: Slowness): void;
  /** As at first; what was held up passes. */
  mend(): void;
  /** Every connection ends at once, as if the other side had crashed; how many there were. */
  reset(): number;
  close(): Promise<void>;
};

const CLEAR = { delayMs: 0, bytesPerSecond: Infinity };
const FOR_EVER_MS = 2 ** 31 - 1;

/** A line to what listens on that port of this machine. */
export async function openLine(port: number): Promise<Line> {
  const open = new Set<Socket>();
  let state = { ...CLEAR, isCut: false };
  let changed = newChange();

  function become(next: Partial<typeof state>): void {
    state = { ...CLEAR, isCut: false, ...next };
    changed.abort();
    changed = newChange();
  }

  /** Waits as long as the line makes this wait, by what the line is like meanwhile. */
  async function passage(came: number, bytes: number): Promise<void> {
    for (;;) {
      const { isCut, delayMs, bytesPerSecond } = state;
      const late = Math.max(0, came + delayMs - performance.now()) + (bytes / bytesPerSecond) * 1000;
      const ms = isCut ? FOR_EVER_MS : late;
      if (ms === 0) return;
      const waited = await pause(ms, true, { signal: changed.signal }).catch(() => false);
      if (waited) return;
    }
  }

  function carry(from: Socket, to: Socket): void {
    let before: Promise<void> = Promise.resolve();
    const next = (bytes: number, step: () => void) => {
      const came = performance.now();
      before = before.then(() => passage(came, bytes)).then(step);
    };
    from.on('data', (piece: Buffer) => next(piece.length, () => void (to.writable && to.write(piece))));
    from.on('end', () => next(0, () => void to.end()));
    from.on('error', () => next(0, () => crash(to)));
    from.on('close', () => open.delete(from));
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: LOOPBACK, allowHalfOpen: true });
    for (const socket of [near, far]) open.add(socket.setNoDelay());
    carry(near, far);
    carry(far, near);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    address: `${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    cut: () => become({ isCut: true }),
    slow: (how) => become(how),
    mend: () => become({}),
    reset() {
      // Each has two sockets, of which one may be gone already.
      const connections = Math.ceil(open.size / 2);
      open.forEach(crash);
      return connections;
    },
    async close() {
      become({});
      const closed = once(server.close(), 'close');
      open.forEach((socket) => void socket.destroy());
      await closed;
    },
  };
}

/** At once. Node says goodbye first; and a socket that it resets while that is under way it keeps open for ever. */
function crash(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) return void socket.destroy();
  socket.destroySoon = () => void socket.destroy();
  socket.resetAndDestroy();
}

function newChange(): AbortController {
  const change = new AbortController();
  setMaxListeners(0, change.signal);
  return change;
}
