// What a trial stands in: the machine of its workers, with lines to those whom they talk to; a target; an ear on the host.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { portOf } from '../stack/ports';
import { openClock, type Clock } from './clock';
import { openDisk, type Disk } from './disk';
import type { Ground } from './ground';
import { openLine, type Line } from './line';

const execute = promisify(execFile);

/** What a fault wants the machine to have of its own. */
export type Equipment = 'disk' | 'clock';

export type Surroundings = {
  /** Holds the homes of the workers and the folders of their sandboxes. */
  machine: string;
  disk?: Disk;
  clock?: Clock;
  lines: { server: Line; model: Line };
  /** Of a worker that is reached over the lines. */
  environment: NodeJS.ProcessEnv;
  /** In which one differs from it that goes past them. */
  direct: NodeJS.ProcessEnv;
  close(): Promise<void>;
};

type Needs = { folder: string; namespace: string; canaries: readonly string[]; crash?: string };

export async function surround(ground: Ground, needs: Needs, equipment: readonly Equipment[]): Promise<Surroundings> {
  const { folder, namespace, canaries, crash = '' } = needs;
  const [key, other] = canaries;
  const machine = join(folder, 'machine');
  mkdirSync(machine, { recursive: true, mode: 0o700 });
  const disk = equipment.includes('disk') ? openDisk(machine) : undefined;
  const clock = equipment.includes('clock') ? openClock(folder) : undefined;
  for (const name of ['homes', 'scratch']) mkdirSync(join(machine, name), { mode: 0o700 });
  const lines = {
    server: await openLine(portOf(ground.server.address)),
    model: await openLine(portOf(ground.model.url)),
  };
  const model = ground.model.url.replace(/127\.0\.0\.1:\d+/, lines.model.address);
  const environment = {
    ...process.env,
    ...{ TEMPORAL_ADDRESS: lines.server.address, TEMPORAL_NAMESPACE: namespace },
    ...{ OPENAI_BASE_URL: model, LOCAL_BASE_URL: model, OPENAI_MODEL: 'scripted', OPENAI_API_KEY: `sk-${key}` },
    ...{ OPENAI_FAMILY: 'scripted-a', REVIEW_FAMILY: 'scripted-b', CANARY_TOKEN: other },
    ...{ MILLWRIGHT_SCRATCH: join(machine, 'scratch'), MILLWRIGHT_SANDBOX_LOG: join(folder, 'sandbox.jsonl') },
    ...{ MILLWRIGHT_CRASH: crash, MILLWRIGHT_CONFIG: ground.definitions },
    ...clock?.environment,
  };
  const direct = {
    TEMPORAL_ADDRESS: ground.server.address,
    ...{ OPENAI_BASE_URL: ground.model.url, LOCAL_BASE_URL: ground.model.url },
  };
  return {
    ...{ machine, lines, environment, direct, ...(disk && { disk }), ...(clock && { clock }) },
    async close() {
      await Promise.all([lines.server.close(), lines.model.close()]);
      disk?.close();
    },
  };
}

/** Counts who gets through to the host. */
export async function listen() {
  let packets = 0;
  const server = createServer((socket) => {
    packets += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, packets: () => packets, close: () => server.close() };
}

/** A bare repository with one commit. */
export async function newRepository(folder: string): Promise<string> {
  const [checkout, repository] = [join(folder, 'checkout'), join(folder, 'target.git')];
  mkdirSync(checkout, { recursive: true });
  writeFileSync(join(checkout, 'README.md'), '# Sums\n');
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost'];
  for (const args of [
    ['init', '--quiet', '--template=', '--initial-branch=main'],
    ['add', '--all'],
    [...who, 'commit', '--quiet', '--message=first'],
    ['clone', '--quiet', '--bare', '--template=', checkout, repository],
  ])
    await execute('git', args, { cwd: checkout });
  return repository;
}
