// A user of its own for each sandbox that runs at the same time on this machine, when Millwright runs as root.
import { createServer } from 'node:net';

// Linux counts processes by user: were two sandboxes one user, each would use up, and could kill, the other's.
// No distribution hands these numbers out (systemd's map of users leaves 60578 to 61183 free).
const FIRST_UID = 61_000;
const SLOTS = 180;

export type Slot = { uid: number; release(): Promise<void> };

export async function takeSlot(): Promise<Slot> {
  for (let uid = FIRST_UID; uid < FIRST_UID + SLOTS; uid++) {
    const slot = await claim(uid);
    if (slot) return slot;
  }
  throw new Error(`all ${SLOTS} sandboxes of this machine are taken`);
}

// The claim is an abstract socket's name: the kernel gives it to one process, and takes it back when that one dies.
function claim(uid: number): Promise<Slot | undefined> {
  const server = createServer((connection) => connection.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(`\0millwright-sandbox-${uid}`, () =>
      resolve({ uid, release: () => new Promise((done) => server.close(() => done())) }),
    );
  });
}
