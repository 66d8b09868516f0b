// Copies of a candidate's tree, with a fault in one of its files.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Mutant } from '../../domain/mutants';

export const mutated = (text: string, { start, end, replacement }: Mutant): string =>
  text.slice(0, start) + replacement + text.slice(end);

export const textOf = (folder: string, file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');

/** With these files changed. */
export async function copyTree(from: string, to: string, changes: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true });
  for (const [file, text] of changes) {
    await rm(path.join(to, file), { force: true });
    await writeFile(path.join(to, file), text);
  }
}
