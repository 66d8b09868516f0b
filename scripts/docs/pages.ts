// What in docs/ comes from the code, by path: two whole pages, the drawings of pipelines and the line counts in others, and the
// schemas for editors.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactsPage } from './artifacts-page';
import { loadAgents, loadPipelines, ROOT } from './definitions';
import { pipelinesDrawnIn, redrawn } from './pipeline-drawing';
import { pipelinesPage } from './pipelines-page';
import { schemaFiles } from './schemas';

export function generatedPages(): Record<string, string> {
  const [pipelines, agents, own] = [loadPipelines(), loadAgents(), pipelinePages()];
  return {
    'docs/artifacts.md': artifactsPage(agents),
    'docs/pipelines.md': pipelinesPage(pipelines, agents, pagesByPipeline(own)),
    ...Object.fromEntries(own.map((page) => [page, redrawn(textOf(page), pipelines)])),
    'docs/architecture.md': counted(textOf('docs/architecture.md')),
    ...schemaFiles(),
  };
}

/** Written by people, but for the drawings in them. */
const pipelinePages = (): string[] =>
  readdirSync(join(ROOT, 'docs/pipelines'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/pipelines/${file}`);

/** As docs/pipelines.md links to them. */
const pagesByPipeline = (pages: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pages.flatMap((page) => pipelinesDrawnIn(textOf(page)).map((name) => [name, page.replace(/^docs\//, '')])),
  );

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
