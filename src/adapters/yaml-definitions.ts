// Pipelines, agents and models from YAML files. A broken one is refused before anything is spent, naming file, line and what was expected.
import { createHash } from 'node:crypto';
import type { Definitions } from '../activities/ports';
import type { Definition } from '../domain/definition';
import { permanent } from '../domain/failures';
import type { DefinitionFolders } from './definition-folders';
import { levelOf, loadDefinitions, loadModels, reachable, type Model, type Pipelines } from './definition-set';
import { laddersOf, soundnessFlaws, usedAgents } from './definition-soundness';
import { REQUESTED, type Pipeline } from '../domain/pipeline';
import { FlawedFiles, type Environment } from './yaml-file';

type Source = { folders: DefinitionFolders; environment: Environment; sameFamilyReview: boolean };

export function createYamlDefinitions({
  folders,
  environment,
  sameFamilyReview,
}: Source): Definitions & { models(): Promise<Record<string, Model>> } {
  return {
    models: () => loadModels(folders, environment).catch(refuse),

    async resolve(requested, level) {
      const set = await loadDefinitions(folders, environment).catch(refuse);
      const top = topOf(set.pipelines, requested, level);
      const pipelines = reachable(set.pipelines, top, requested);
      const flaws = soundnessFlaws(set, pipelines, sameFamilyReview);
      if (flaws.length > 0) refuse(new FlawedFiles(flaws));
      const own = usedAgents(set, pipelines);
      const ladders = laddersOf(set, pipelines);
      const definition: Omit<Definition, 'commit'> = {
        top,
        pipelines,
        agents: mapValues(own, ({ definition, prompt }) => ({
          ...definition,
          promptDigest: createHash('sha256').update(prompt).digest('hex'),
        })),
        models: Object.fromEntries(Object.entries(set.models).filter(([alias]) => ladders.has(alias))),
        sameFamilyReview,
      };
      return { definition, prompts: mapValues(own, ({ prompt }) => prompt) };
    },
  };
}

/** At the level of a project, a pipeline of stages alone is run for each milestone of the pipeline `project`. */
function topOf(loaded: Pipelines, requested: string, level: 'project' | 'milestone'): string {
  const found = loaded[requested];
  if (found === undefined || isFrame(found.pipeline)) {
    const names = Object.keys(loaded).filter((name) => !isFrame(loaded[name]!.pipeline));
    const problem =
      found === undefined
        ? `there is no pipeline "${requested}"`
        : `"${requested}" is what stands around the pipeline that a request names, and no such pipeline itself`;
    throw permanent('InvalidInput', `${problem}; there is ${names.sort().join(', ')}`);
  }
  const own = levelOf(found.pipeline);
  if (level === 'milestone' && own === 'project')
    throw permanent('InvalidInput', `"${requested}" is a pipeline for a whole project; start deliverProject with it`);
  return level === own ? requested : 'project';
}

/** It runs whatever pipeline a request names, and so none when it is named itself. */
const isFrame = ({ stages }: Pipeline): boolean => Object.values(stages).some(({ pipeline }) => pipeline === REQUESTED);

function refuse(error: unknown): never {
  throw error instanceof FlawedFiles ? permanent('InvalidDefinition', error.message) : error;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
