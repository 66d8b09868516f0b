// All pipelines, agents and models that the folders hold, each file read and held to its schema.
import { join } from 'node:path';
import { z } from 'zod';
import { AgentDefinition, ModelDefinition } from '../domain/agent';
import { Slug } from '../domain/names';
import { Pipeline, REQUESTED } from '../domain/pipeline';
import { agentFolders, pipelineFiles, placeOf, type DefinitionFolders } from './definition-folders';
import { FlawedFiles, flawsOf, readText, readYaml, type Environment, type YamlFile } from './yaml-file';

const Model = ModelDefinition.extend({
  endpoint: z.url().describe('speaks the OpenAI chat API'),
  key: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, 'expected the name of an environment variable')
    .optional()
    .describe('the name of the environment variable that holds it'),
});
export type Model = z.infer<typeof Model>;
export const Models = z.strictObject({ models: z.record(Slug, Model) });

export type Pipelines = Readonly<Record<string, { pipeline: Pipeline; file: YamlFile }>>;
export type Agents = Readonly<Record<string, { definition: AgentDefinition; prompt: string; file: YamlFile }>>;

export type DefinitionSet = {
  pipelines: Pipelines;
  agents: Agents;
  /** What may stand in a history: no endpoint, and no name of a key. */
  models: Readonly<Record<string, ModelDefinition>>;
};

export async function loadDefinitions(folders: DefinitionFolders, environment: Environment): Promise<DefinitionSet> {
  return {
    pipelines: await loadPipelines(folders),
    agents: await loadAgents(folders),
    models: withoutAccess(await loadModels(folders, environment)),
  };
}

export async function loadModels(folders: DefinitionFolders, environment: Environment): Promise<Record<string, Model>> {
  return (await readYaml(placeOf(folders, 'models.yaml'), Models, environment)).value.models;
}

const withoutAccess = (models: Readonly<Record<string, Model>>): Record<string, ModelDefinition> =>
  Object.fromEntries(Object.entries(models).map(([alias, { endpoint: _, key: __, ...model }]) => [alias, model]));

async function loadPipelines(folders: DefinitionFolders): Promise<Pipelines> {
  const entries = (await pipelineFiles(folders)).map(async (name) => {
    const place = placeOf(folders, join('pipelines', name));
    if (name.endsWith('.yml'))
      throw new FlawedFiles([{ file: place.shown, line: 1, at: '', message: 'expected a name that ends in .yaml' }]);
    const { value, file } = await readYaml(place, Pipeline);
    const expected = name.replace(/\.yaml$/, '');
    if (value.name !== expected)
      throw new FlawedFiles(
        flawsOf(file, [{ path: ['name'], message: `expected "${expected}", the name of the file` }]),
      );
    return [value.name, { pipeline: value, file }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function loadAgents(folders: DefinitionFolders): Promise<Agents> {
  const entries = (await agentFolders(folders)).map(async (name) => {
    const { value, file } = await readYaml(placeOf(folders, join('agents', name, 'agent.yaml')), AgentDefinition);
    const prompt = await readText(placeOf(folders, join('agents', name, 'prompt.md')));
    return [name, { definition: value, prompt, file }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** One with a stage that is a pipeline is a whole project's; any other is run for each milestone. */
export const levelOf = ({ stages }: Pipeline): 'project' | 'milestone' =>
  Object.values(stages).some(({ pipeline }) => pipeline !== undefined) ? 'project' : 'milestone';

/** The top pipeline with all that it runs; `requested` is filled in. */
export function reachable(loaded: Pipelines, top: string, requested: string): Record<string, Pipeline> {
  const found: Record<string, Pipeline> = {};
  const visit = (name: string) => {
    const entry = loaded[name];
    if (entry === undefined || found[name] !== undefined) return;
    const stages = Object.fromEntries(
      Object.entries(entry.pipeline.stages).map(([id, stage]) => [
        id,
        stage.pipeline === REQUESTED ? { ...stage, pipeline: requested } : stage,
      ]),
    );
    found[name] = { ...entry.pipeline, stages };
    for (const stage of Object.values(stages)) if (stage.pipeline !== undefined) visit(stage.pipeline);
  };
  visit(top);
  return found;
}
