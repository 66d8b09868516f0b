// The pages of the five pipelines: what they say of stages, artifacts and keys is so.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadPipelines, ROOT } from '../scripts/docs/definitions';
import { pipelinesDrawnIn, redrawn, withoutDrawings } from '../scripts/docs/pipeline-drawing';
import { artifacts, type ArtifactKind } from '../src/domain/artifacts';
import { stageNames, type Pipeline } from '../src/domain/pipeline';

const five = ['five-agents', 'roles', 'staged', 'milestone', 'factory'];
const shipped = loadPipelines();
const overview = readFileSync(join(ROOT, 'docs/pipelines.md'), 'utf8');

describe.each(five)('the page of %s', (name) => {
  const path = join(ROOT, 'docs/pipelines', `${name}.md`);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const drawn = shipped.filter((pipeline) => pipelinesDrawnIn(page).includes(pipeline.name));
  const words = withoutDrawings(page);
  const code = [...words.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);

  test('is there, draws the pipeline, and is linked to', () => {
    expect(drawn.map((pipeline) => pipeline.name)).toContain(name);
    expect(overview).toContain(`[${name}](pipelines/${name}.md)`);
  });

  test('says of every stage what it is', () => {
    const stages = drawn.flatMap(stageNames);
    expect(stages.filter((stage) => !code.includes(stage))).toEqual([]);
  });

  test('has every word of the board', () => {
    const board = drawn.flatMap(boardWords);
    expect(board.filter((word) => !code.includes(word))).toEqual([]);
  });

  test('names no field of an artifact that there is not', () => {
    const fields = code.filter((span) => /^[A-Z]\w+\.[\w.[\]]+$/.test(span));
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !isField(field))).toEqual([]);
  });

  test('says of keys what the YAML says', () => {
    const said = code.flatMap((span) => {
      const [, key, value] = /^([\w-]+(?:\.[\w-]+)+): (.+)$/.exec(span) ?? [];
      return key === undefined ? [] : [[key, value!] as const];
    });
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter(([key, value]) => !drawn.some((pipeline) => valueAt(pipeline, key) === value))).toEqual([]);
  });
});

test.each(scenarioFiles())('test/five/%s.test.ts has a page that says how to run it', (name) => {
  const page = readFileSync(join(ROOT, 'docs/pipelines', `${name}.md`), 'utf8');
  expect(page).toContain(`\`npm test -- five/${name}\``);
});

test('a page with the mark of a pipeline that there is not is refused', () => {
  const page = '<!-- graph of none -->\n<!-- /graph -->';
  expect(() => redrawn(page, shipped)).toThrow('"graph of none", and there is no such pipeline');
});

function scenarioFiles(): string[] {
  const files = readdirSync(join(ROOT, 'test/five'));
  return files.flatMap((file) => /^(.+)\.test\.ts$/.exec(file)?.[1] ?? []);
}

function boardWords({ board = [], stages }: Pipeline): string[] {
  const statuses = Object.values(stages).flatMap(({ board: { ok, rework, blocked } = {} }) => [ok, rework, blocked]);
  return [...board, ...statuses.flatMap((status) => status ?? [])];
}

/** `Review.issues[].severity`: lists are marked, and nothing else is. */
function isField(field: string): boolean {
  const [kind, ...path] = field.split('.') as [ArtifactKind, ...string[]];
  if (!(kind in artifacts)) return false;
  return schemaAt(z.toJSONSchema(artifacts[kind], { io: 'input' }), path) !== undefined;
}

type Schema = z.core.JSONSchema.BaseSchema;

function schemaAt(schema: Schema | undefined, [step, ...rest]: string[]): Schema | undefined {
  if (step === undefined || schema === undefined) return schema;
  const field = schema.properties?.[step.replace(/\[\]$/, '')] as Schema | undefined;
  return schemaAt(step.endsWith('[]') ? (field?.items as Schema | undefined) : field, rest);
}

/** `<stage>.<key>`, or a key of the pipeline itself, as the pages write it. */
function valueAt(pipeline: Pipeline, path: string): string | undefined {
  const within = (from: unknown) =>
    path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from);
  const value = within(pipeline.stages) ?? within(pipeline);
  return value === undefined ? undefined : String(value);
}
