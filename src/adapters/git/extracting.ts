// Writing the files of a tree into a folder. Git does not do it: attributes and filters of the tree would act.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TreeEntry } from '../../activities/ports';
import { permanent } from '../../domain/failures';
import { isSecretFile } from '../../domain/secrets';
import { makeFolder, onDisk } from '../full-disk';
import type { Mirror } from './mirror';
import { batches, blobs, entriesOf, isFile, isPlain } from './objects';

const WRITES_AT_ONCE = 32;

export async function extractFiles(mirror: Mirror, tree: string, folder: string, paths?: readonly string[]) {
  const files = (await entriesOf(mirror, tree, paths)).filter((entry) => isFile(entry) && !isSecretFile(entry.path));
  for (const file of files) assertInside(file.path);
  await onDisk(folder, async () => {
    await makeFolders(folder, files);
    for (const batch of batches(files)) await writeBatch(mirror, folder, batch);
  });
}

const gitsOwn = /^(?:\.git|git~\d+)[ .]*$/i;

function assertInside(file: string): void {
  if (!isPlain(file) || file.split(/[/\\]/).some((part) => gitsOwn.test(part) || part === '..'))
    throw permanent('InvalidInput', `"${file.slice(0, 240)}" cannot be written: it does not stay inside its folder`);
}

async function makeFolders(folder: string, files: readonly TreeEntry[]): Promise<void> {
  const folders = new Set(files.map((file) => path.dirname(file.path)));
  await makeFolder(folder);
  for (const inner of folders) await makeFolder(path.join(folder, inner));
}

async function writeBatch(mirror: Mirror, folder: string, batch: readonly TreeEntry[]): Promise<void> {
  const shas = batch.map(({ sha }) => sha);
  const contents = await blobs(mirror, shas);
  const waiting = batch.map((file, index) => [file, contents[index]!] as const);
  const writer = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await writeNew(folder, ...next);
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writer));
}

// `wx`: the folder is empty and nothing in it is a link, so whatever is in the way is a reason to stop.
const writeNew = (folder: string, file: TreeEntry, content: Buffer): Promise<void> =>
  writeFile(path.join(folder, file.path), content, { flag: 'wx', mode: file.mode === '100755' ? 0o755 : 0o644 });
