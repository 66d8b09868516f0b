// The folder in which one run of the demo, or of a test, keeps everything that it makes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type RunFolder = {
  path: string;
  /** Temporal's database. */
  database: string;
  /** One file a process. */
  logs: string;
  /** The target repository; nothing is there yet. */
  repository: string;
  /** The workers' mirrors of it. */
  mirrors: string;
  /** Removes it all, unless it was to be kept. */
  close(): void;
};

export function openRunFolder({ keep = false }: { keep?: boolean } = {}): RunFolder {
  const path = mkdtempSync(join(tmpdir(), 'millwright-'));
  const within = (name: string): string => join(path, name);
  for (const name of ['logs', 'mirrors']) mkdirSync(within(name));
  return {
    path,
    database: within('temporal.sqlite'),
    logs: within('logs'),
    repository: within('repository.git'),
    mirrors: within('mirrors'),
    close: () => {
      if (!keep) rmSync(path, { recursive: true, force: true });
    },
  };
}
