// A small disk of its own for the workers of a trial, that can be filled up to the last byte or the last file, and emptied again.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Many times what a milestone needs, and filled in no time.
const SIZE = '64m';
const PIECES = [1 << 20, 1 << 12, 1];
const AGAIN_MS = 100;

export const shortages = ['space', 'files'] as const;
export type Shortage = (typeof shortages)[number];

export type Disk = {
  /** Until it is told to end, nothing is left of this. */
  fill(what: Shortage): () => void;
  close(): void;
};

/** Why there can be no disk of our own here; undefined where there can. */
export function whyNoDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-disk-'));
  try {
    openDisk(folder).close();
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '') || String(error);
    return `no tmpfs can be mounted here (${said.trim().split('\n')[0]}): run it as root`;
  } finally {
    rmdirSync(folder);
  }
}

/** Over an empty folder. */
export function openDisk(folder: string, size = SIZE): Disk {
  const options = `size=${size},nr_inodes=20000,mode=0700`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
  let again: NodeJS.Timeout | undefined;
  // What still has a file open there loses it.
  const unmount = () => void execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
  process.once('exit', unmount);
  return {
    fill(what) {
      const ballast = join(folder, 'ballast');
      mkdirSync(ballast, { recursive: true });
      // Whoever is told that there is no space clears up after itself: that is taken as well.
      const take = () => (what === 'space' ? takeSpace(ballast) : takeFiles(ballast));
      take();
      again = setInterval(take, AGAIN_MS);
      return () => {
        clearInterval(again);
        rmSync(ballast, { recursive: true, force: true });
      };
    },
    close() {
      clearInterval(again);
      process.off('exit', unmount);
      unmount();
    },
  };
}

function takeSpace(ballast: string): void {
  const file = openSync(join(ballast, 'bytes'), 'a');
  for (const size of PIECES) untilFull(() => writeSync(file, Buffer.alloc(size)));
  closeSync(file);
}

let count = 0;
const takeFiles = (ballast: string): void => untilFull(() => writeFileSync(join(ballast, `${++count}`), ''));

function untilFull(take: () => unknown): void {
  try {
    for (;;) take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
