// Covered lines, of the repository's own files that are no tests.
import { isTestFile } from '../../domain/paths';
import type { FileLines } from '../../domain/test-run';

/** A path of the sandbox as a path of the repository. */
export const inBox = (file: string) => file.replace(/^(file:\/\/)?\/box\//, '').replace(/^\.\//, '');

export const sourceLines = (files: readonly FileLines[]): FileLines[] =>
  files
    .map((file) => ({ ...file, path: inBox(file.path) }))
    .filter(({ path }) => !path.startsWith('/') && !isTestFile(path));

/** The lines in an lcov report: SF names a file, DA a line and how often it ran. */
export function lcovLines(report: string): FileLines[] {
  const files: FileLines[] = [];
  for (const row of report.split(/\r?\n/)) {
    const [, key, value = ''] = /^(SF|DA):(.*)$/.exec(row) ?? [];
    if (key === 'SF') files.push({ path: value, covered: 0, total: 0 });
    const file = files.at(-1);
    if (key !== 'DA' || !file) continue;
    file.total += 1;
    if (Number(value.split(',')[1]) > 0) file.covered += 1;
  }
  return files;
}
