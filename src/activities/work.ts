// What a piece of work amounts to, for the decisions that look at its size.
import type { Facts } from '../domain/handoff';
import type { FileDiff, Trees } from './ports';

const LINE_CHARS = 120;

export async function measured(trees: Trees, repository: string, base: string, work: string): Promise<Facts> {
  const { files, patch } = await trees.diff(repository, base, work);
  return { work, files: files.length, lines: changedLines(files, patch) };
}

/** As many as a person would have to read: a line of a thousand characters is no single line. */
function changedLines(files: readonly FileDiff[], patch: string): number {
  const counted = files.reduce((sum, { added, deleted }) => sum + added + deleted, 0);
  const chars = patch.split('\n').reduce((sum, line) => sum + (/^[+-](?![+-]{2} )/.test(line) ? line.length : 0), 0);
  return Math.max(counted, Math.ceil(chars / LINE_CHARS));
}
