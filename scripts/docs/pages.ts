// What in docs/ comes from the code, by path: two whole pages, the line counts in a third, and the schemas for editors.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactsPage } from './artifacts-page';
import { loadAgents, loadPipelines, ROOT } from './definitions';
import { pipelinesPage } from './pipelines-page';
import { schemaFiles } from './schemas';

export const generatedPages = (): Record<string, string> => ({
  'docs/artifacts.md': artifactsPage(loadAgents()),
  'docs/pipelines.md': pipelinesPage(loadPipelines(), loadAgents()),
  'docs/architecture.md': counted(textOf('docs/architecture.md')),
  ...schemaFiles(),
});

/** In rows that name a file, the number after it is that of its lines. */
const counted = (page: string): string =>
  page.replace(/^(\| `(src\/[^`]+)` \| )\d+(?= \|)/gm, (_, row: string, file: string) => `${row}${linesOf(file)}`);

/** Those that are read: imports and blank lines are not. */
const linesOf = (file: string): number =>
  textOf(file)
    .replace(/^import [^;]*;\n/gm, '')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
