// A worker whose disk is full: what it is at fails for a while, by name and with the place, and goes on when there is space.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openDisk, shortages, whyNoDisk } from '../../scripts/trial/disk';
import { openGround, type Ground } from '../../scripts/trial/ground';
import { judged } from '../../scripts/trial/judged';
import { createGit } from '../../src/adapters/git/create-git';
import { withScratchFolder } from '../../src/adapters/sandbox/scratch';
import { bare } from '../adapters/git/ground';

// Where none can be mounted, a full disk cannot be had without filling somebody's.
const where = whyNoDisk() === undefined ? test : test.skip;

let ground: Ground;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround([...shortages]);
});
afterAll(() => ground.close());

where.each(shortages)(
  'a disk without %s left is named, costs nothing that was done, and is written to again later',
  async (what) => {
    const told = () => ground.model.calls.filter(({ project }) => project === what);
    const tried = await judged(ground, {
      ...{ name: what, equipment: ['disk'] },
      async suffers({ disk, struck, over, handle }) {
        while (!over.aborted && told().length === 0) await pause(100);
        const free = disk!.fill(what);
        struck('disk full');
        const failed = async () =>
          (await handle.describe()).raw.pendingActivities?.some(({ lastFailure }) => lastFailure);
        while (!over.aborted && !(await failed())) await pause(200);
        // Whatever comes next finds it full, too.
        await pause(5_000);
        free();
      },
    });
    expect(tried).toMatchObject({ violations: [], hung: false });
    const place = expect.stringMatching(/^DiskFull: no space is left at \S*\/machine\/(homes|scratch)/) as string;
    expect(tried.failures.length).toBeGreaterThan(0);
    expect(tried.failures).toEqual(tried.failures.map(() => place));
  },
  900_000,
);

where('a sandbox for which there is no folder any more fails by that name, and is there when there is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-disk-'));
  const disk = openDisk(folder);
  try {
    const free = disk.fill('files');
    const named = { type: 'DiskFull', nonRetryable: false, message: expect.stringContaining(folder) as string };
    await expect(withScratchFolder(folder, () => Promise.resolve())).rejects.toMatchObject(named);
    await expect(withScratchFolder(join(folder, 'not', 'yet'), () => Promise.resolve())).rejects.toMatchObject(named);
    free();
    await expect(withScratchFolder(folder, () => Promise.resolve('run'))).resolves.toBe('run');
    await expect(withScratchFolder(join(folder, 'not', 'yet'), () => Promise.resolve('run'))).resolves.toBe('run');
  } finally {
    disk.close();
    rmdirSync(folder);
  }
});

where('a worker for whose mirrors there is no folder yet, and none any more, fails by that name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-disk-'));
  const disk = openDisk(folder);
  try {
    const { trees } = createGit({ home: join(folder, 'homes', '1') });
    const repository = bare();
    const free = disk.fill('files');
    const named = { type: 'DiskFull', nonRetryable: false, message: expect.stringContaining(folder) as string };
    await expect(trees.open(repository, 'main')).rejects.toMatchObject(named);
    free();
    await expect(trees.open(repository, 'main')).resolves.toMatchObject({ base: 'main' });
  } finally {
    disk.close();
    rmdirSync(folder);
  }
});
