// Pipelines, agents and models from YAML files. A broken one is refused before anything is spent, naming file, line and what was expected.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Definitions } from '../activities/ports';
import { AgentDefinition, ModelDefinition } from '../domain/agent';
import { agentOf, type Definition } from '../domain/definition';
import { permanent } from '../domain/failures';
import { Slug } from '../domain/names';
import { Pipeline, REQUESTED, stageNames, type Stage } from '../domain/pipeline';
import { pipelineProblems, type Parts, type Problem } from '../domain/soundness';
import { interpolate } from './interpolate';

const Model = ModelDefinition.extend({
  endpoint: z.url(),
  key: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, 'expected the name of an environment variable')
    .optional(),
});
export type Model = z.infer<typeof Model>;
const Models = z.strictObject({ models: z.record(Slug, Model) });

type Folders = { root: string; environment: Readonly<Record<string, string | undefined>>; sameFamilyReview: boolean };

export function createYamlDefinitions({
  root,
  environment,
  sameFamilyReview,
}: Folders): Definitions & { models(): Promise<Record<string, Model>> } {
  const models = async () => (await load(root, 'models.yaml', Models, environment)).value.models;

  return {
    models,

    async resolve(requested, level) {
      const loaded = await loadPipelines(root);
      const agents = await loadAgents(root);
      const aliases = Object.fromEntries(
        Object.entries(await models()).map(([alias, { endpoint: _, key: __, ...model }]) => [alias, model]),
      );
      const top = topOf(loaded, requested, level);
      const pipelines = reachable(loaded, top, requested);
      const parts: Parts = {
        pipelines,
        agents: mapValues(agents, ({ definition }) => definition),
        models: aliases,
        sameFamilyReview,
      };
      for (const [name, pipeline] of Object.entries(pipelines))
        refuseProblems(loaded[name]!.file, pipelineProblems(pipeline, parts));
      const stages = Object.values(pipelines).flatMap((pipeline): Stage[] => Object.values(pipeline.stages));
      const own = Object.fromEntries(
        Object.entries(agents).filter(([name]) => stages.some(({ agent }) => agent === name)),
      );
      const ladders = stages.flatMap((stage) => agentOf(parts.agents, stage)?.model ?? []);
      const definition: Omit<Definition, 'commit'> = {
        top,
        pipelines,
        agents: mapValues(own, ({ definition, prompt }) => ({
          ...definition,
          promptDigest: createHash('sha256').update(prompt).digest('hex'),
        })),
        models: Object.fromEntries(Object.entries(aliases).filter(([alias]) => ladders.includes(alias))),
        sameFamilyReview,
      };
      return { definition, prompts: mapValues(own, ({ prompt }) => prompt) };
    },
  };
}

type Loaded = Record<string, { pipeline: Pipeline; file: File }>;

/** At the level of a project, a pipeline of stages alone is run for each milestone of the pipeline `project`. */
function topOf(loaded: Loaded, requested: string, level: 'project' | 'milestone'): string {
  const found = loaded[requested];
  if (found === undefined)
    throw permanent(
      'InvalidInput',
      `there is no pipeline "${requested}"; there is ${Object.keys(loaded).sort().join(', ')}`,
    );
  const whole = stageNames(found.pipeline).some((stage) => found.pipeline.stages[stage]!.pipeline !== undefined);
  if (level === 'milestone' && whole)
    throw permanent('InvalidInput', `"${requested}" is a pipeline for a whole project; start deliverProject with it`);
  return level === 'project' && !whole ? 'project' : requested;
}

/** The top pipeline under the name of its level, with all that it runs; `requested` is filled in. */
function reachable(loaded: Loaded, top: string, requested: string): Record<string, Pipeline> {
  const found: Record<string, Pipeline> = {};
  const visit = (name: string) => {
    const entry = loaded[name];
    if (entry === undefined || found[name] !== undefined) return;
    const stages = mapValues(entry.pipeline.stages, (stage) =>
      stage.pipeline === REQUESTED ? { ...stage, pipeline: requested } : stage,
    );
    found[name] = { ...entry.pipeline, stages };
    for (const stage of Object.values(stages)) if (stage.pipeline !== undefined) visit(stage.pipeline);
  };
  visit(top);
  return found;
}

async function loadPipelines(root: string): Promise<Loaded> {
  const files = (await readdir(join(root, 'pipelines'))).filter((file) => file.endsWith('.yaml'));
  const loaded: Loaded = {};
  for (const name of files) {
    const { value, file } = await load(root, join('pipelines', name), Pipeline);
    if (`${value.name}.yaml` !== name)
      refuseProblems(file, [
        { path: ['name'], message: `expected "${name.replace(/\.yaml$/, '')}", the name of the file` },
      ]);
    loaded[value.name] = { pipeline: value, file };
  }
  return loaded;
}

async function loadAgents(root: string): Promise<Record<string, { definition: AgentDefinition; prompt: string }>> {
  const folders = (await readdir(join(root, 'agents'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const entries = folders.map(async ({ name }) => {
    const { value } = await load(root, join('agents', name, 'agent.yaml'), AgentDefinition);
    const prompt = await readText(root, join('agents', name, 'prompt.md'));
    return [name, { definition: value, prompt }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

type File = { path: string; document: Document; lines: LineCounter };

async function load<S extends z.ZodType>(
  root: string,
  path: string,
  schema: S,
  environment?: Folders['environment'],
): Promise<{ value: z.output<S>; file: File }> {
  const text = await readText(root, path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const file = { path, document, lines };
  const [broken] = document.errors;
  if (broken !== undefined)
    throw permanent(
      'InvalidDefinition',
      `${path}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split('\n')[0]}`,
    );
  const raw: unknown = document.toJS();
  const parsed = schema.safeParse(environment === undefined ? raw : interpolate(raw, environment));
  if (parsed.success) return { value: parsed.data, file };
  refuseProblems(
    file,
    parsed.error.issues.map(({ path, message }) => ({ path: path as (string | number)[], message })),
  );
  throw parsed.error;
}

function refuseProblems(file: File, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const words = problems.map(
    ({ path, message }) => `${file.path}:${lineOf(file, path)}: ${path.join('.')}: ${message}`,
  );
  throw permanent('InvalidDefinition', words.join('\n'));
}

/** The line of the deepest part of the path that stands in the file. */
function lineOf({ document, lines }: File, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

async function readText(root: string, path: string): Promise<string> {
  return readFile(join(root, path), 'utf8').catch((error: unknown) => {
    throw permanent('InvalidDefinition', `${path} cannot be read: ${(error as Error).message}`, error);
  });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
