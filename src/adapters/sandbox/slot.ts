// A user of its own for each sandbox that runs at the same time on this machine, when Millwright runs as root.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

// Linux counts processes by user: were two sandboxes one user, each would use up, and could kill, the other's.
// No distribution hands these numbers out (systemd's map of users leaves 60578 to 61183 free).
const FIRST_UID = 61_000;
const SLOTS = 180;

export type Slot = { uid: number; release(): Promise<void> };

export async function takeSlot(): Promise<Slot> {
  for (let uid = FIRST_UID; uid < FIRST_UID + SLOTS; uid++) {
    const slot = await claim(uid);
    if (slot) return evict(uid, slot);
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

// Whatever a killed worker may have left as this user ends before the next sandbox is this user. It has no parent any
// more; a sandbox of a worker in another network namespace, which may claim the same user, has one.
function evict(uid: number, slot: Slot): Slot {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (new RegExp(`^PPid:\\s+1$[^]*^Uid:\\s+${uid}\\s`, 'm').test(status)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended meanwhile
    }
  }
  return slot;
}
