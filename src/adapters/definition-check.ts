// Checks one file before it is used: a pipeline, an agent or the models, as if it stood among all the others.
import { basename, dirname, extname, join } from 'node:path';
import { AgentDefinition } from '../domain/agent';
import { Pipeline } from '../domain/pipeline';
import { ProjectRequest } from '../domain/request';
import { placeOf, type DefinitionFolders } from './definition-folders';
import { loadDefinitions, Models, reachable, type DefinitionSet } from './definition-set';
import { soundnessFlaws } from './definition-soundness';
import { FlawedFiles, flawsOf, readYaml, type Environment, type Flaw } from './yaml-file';

const DEFAULT_PIPELINE = ProjectRequest.shape.pipeline.parse(undefined);

type Source = { folders: DefinitionFolders; environment: Environment; sameFamilyReview: boolean };

type Checked = {
  /** None: sound. */
  flaws: readonly Flaw[];
  /** Whether it is the one that a run would read. */
  inUse: boolean;
};

export async function checkFile(path: string, source: Source): Promise<Checked> {
  const drafts = draftsOf(path);
  const [name] = Object.keys(drafts);
  const inUse = name !== undefined && placeOf(source.folders, name).path === path;
  try {
    return { flaws: await flawsAmongAll(path, drafts, source), inUse };
  } catch (error) {
    if (error instanceof FlawedFiles) return { flaws: error.flaws, inUse };
    throw error;
  }
}

/** The names under which it stands in for what is there, itself first. */
function draftsOf(path: string): Record<string, string> {
  const [folder, file] = [dirname(path), basename(path)];
  const agent = `agents/${basename(folder)}`;
  if (file === 'models.yaml') return { [file]: path };
  if (file === 'agent.yaml') return { [`${agent}/${file}`]: path, [`${agent}/prompt.md`]: join(folder, 'prompt.md') };
  return extname(file) === '.yaml' ? { [`pipelines/${file}`]: path } : {};
}

async function flawsAmongAll(path: string, drafts: Record<string, string>, source: Source): Promise<Flaw[]> {
  const { folders, environment, sameFamilyReview } = source;
  const load = () => loadDefinitions({ ...folders, drafts }, environment);
  const place = { path, shown: path };
  const [part, name] = (Object.keys(drafts)[0] ?? '').split('/');
  // Its own flaws come before those of other files.
  switch (part) {
    case 'models.yaml':
      await readYaml(place, Models, environment);
      return [];
    case 'agents':
      await readYaml(place, AgentDefinition);
      return agentFlaws(await load(), name!, sameFamilyReview);
    case 'pipelines': {
      await readYaml(place, Pipeline);
      const set = await load();
      return soundnessFlaws(
        set,
        reachable(set.pipelines, basename(name!, '.yaml'), DEFAULT_PIPELINE),
        sameFamilyReview,
      );
    }
    default:
      return [
        { file: path, line: 1, at: '', message: 'expected <name>.yaml for a pipeline, agent.yaml or models.yaml' },
      ];
  }
}

/** Its ladder first; then the stages that call it, in whatever pipeline. */
function agentFlaws(set: DefinitionSet, name: string, sameFamilyReview: boolean): Flaw[] {
  const { definition, file } = set.agents[name]!;
  const known = Object.keys(set.models);
  const dangling = definition.model.flatMap((alias, index) =>
    known.includes(alias)
      ? []
      : [{ path: ['model', index], message: `unknown model "${alias}"; expected one of ${known.join(', ')}` }],
  );
  if (dangling.length > 0) return flawsOf(file, dangling);
  return Object.entries(set.pipelines).flatMap(([id, { pipeline }]) => {
    const { stages } = pipeline;
    const calling = Object.keys(stages).filter((stage) => stages[stage]!.agent === name);
    return soundnessFlaws(set, { [id]: pipeline }, sameFamilyReview).filter(({ at }) =>
      calling.includes(at.split('.')[1]!),
    );
  });
}
