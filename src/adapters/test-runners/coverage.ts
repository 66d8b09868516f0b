// Covered lines, of the repository's own files that are no tests.
import { isTestFile } from '../../domain/paths';

export type Lines = { covered: number; total: number };
export type FileLines = Lines & { path: string };

/** A path of the sandbox as a path of the repository. */
export const inBox = (file: string) => file.replace(/^(file:\/\/)?\/box\//, '').replace(/^\.\//, '');

export function sourceLines(files: readonly FileLines[]): Lines | null {
  const sources = files.filter(({ path }) => !inBox(path).startsWith('/') && !isTestFile(inBox(path)));
  return sumOfLines(sources);
}

export function sumOfLines(all: readonly (Lines | null)[]): Lines | null {
  const measured = all.filter((lines) => lines !== null);
  const sum = (pick: (lines: Lines) => number) => measured.reduce((total, lines) => total + pick(lines), 0);
  const total = sum((lines) => lines.total);
  return total === 0 ? null : { covered: sum((lines) => lines.covered), total };
}

export const percent = (lines: Lines | null) =>
  lines === null ? null : Math.round((lines.covered / lines.total) * 10_000) / 100;

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
