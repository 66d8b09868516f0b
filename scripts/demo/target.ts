// The run's folder at the end: removed, but for a repository into which a real model has delivered.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunFolder } from '../stack/run-folder';
import type { Choice } from './choice';

export function clear(folder: RunFolder, { live, repository }: Choice): void {
  const stays = live && repository === undefined && existsSync(folder.repository);
  if (!stays) return folder.close();
  for (const name of readdirSync(folder.path)) {
    const path = join(folder.path, name);
    if (path !== folder.repository) rmSync(path, { recursive: true, force: true });
  }
  console.log(`The repository stays, with the ledger of every call: ${folder.repository}`);
}
