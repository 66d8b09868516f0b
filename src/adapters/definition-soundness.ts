// Whether pipelines, agents and models fit each other: of what a run would use, or of one file that is checked before it is used.
import { basename, dirname, extname, join } from 'node:path';
import { AgentDefinition } from '../domain/agent';
import { pipelineProblems, type Parts } from '../domain/definition';
import { Pipeline } from '../domain/pipeline';
import { ProjectRequest } from '../domain/request';
import type { DefinitionFolders } from './definition-folders';
import { loadDefinitions, Models, reachable, type Agents, type DefinitionSet } from './definition-set';
import { FlawedFiles, flawsOf, readYaml, type Environment, type Flaw } from './yaml-file';

const DEFAULT_PIPELINE = ProjectRequest.shape.pipeline.parse(undefined);

/** The agents that these pipelines call. */
export function usedAgents({ agents }: DefinitionSet, pipelines: Readonly<Record<string, Pipeline>>): Agents {
  const used = new Set(
    Object.values(pipelines).flatMap(({ stages }) => Object.values(stages).map(({ agent }) => agent)),
  );
  return Object.fromEntries(Object.entries(agents).filter(([name]) => used.has(name)));
}

/** What is wrong with these pipelines, with file and line. Empty: sound. */
export function soundnessFlaws(
  set: DefinitionSet,
  pipelines: Readonly<Record<string, Pipeline>>,
  sameFamilyReview: boolean,
): Flaw[] {
  const known = Object.fromEntries(Object.entries(set.pipelines).map(([name, { pipeline }]) => [name, pipeline]));
  const agents = Object.fromEntries(Object.entries(set.agents).map(([name, { definition }]) => [name, definition]));
  const parts: Parts = { pipelines: { ...known, ...pipelines }, agents, models: set.models, sameFamilyReview };
  return Object.entries(pipelines).flatMap(([name, pipeline]) =>
    flawsOf(set.pipelines[name]!.file, pipelineProblems(pipeline, parts)),
  );
}

// ── one file ────────────────────────────────────────────────────────────────────────────────────────────────────

type Source = { folders: DefinitionFolders; environment: Environment; sameFamilyReview: boolean };

/** What is wrong with this file, among all the others: it stands in for one of its name. Empty: sound. */
export async function checkFile(path: string, { folders, environment, sameFamilyReview }: Source): Promise<Flaw[]> {
  try {
    const { kind, name, drafts, schema } = draftOf(path);
    // Its own flaws come before those of other files.
    await readYaml({ path, shown: path }, schema, kind === 'models' ? environment : undefined);
    const set = await loadDefinitions({ ...folders, drafts }, environment);
    if (kind === 'agent') return agentFlaws(set, name, sameFamilyReview);
    return kind === 'models'
      ? []
      : soundnessFlaws(set, reachable(set.pipelines, name, DEFAULT_PIPELINE), sameFamilyReview);
  } catch (error) {
    if (error instanceof FlawedFiles) return [...error.flaws];
    throw error;
  }
}

function draftOf(path: string) {
  const [folder, file] = [dirname(path), basename(path)];
  if (file === 'models.yaml') return { kind: 'models', name: file, drafts: { [file]: path }, schema: Models } as const;
  if (file === 'agent.yaml') {
    const name = basename(folder);
    const drafts = { [`agents/${name}/agent.yaml`]: path, [`agents/${name}/prompt.md`]: join(folder, 'prompt.md') };
    return { kind: 'agent', name, drafts, schema: AgentDefinition } as const;
  }
  if (extname(file) !== '.yaml')
    throw new FlawedFiles([
      { file: path, line: 1, at: '', message: 'expected a pipeline (<name>.yaml), an agent.yaml or a models.yaml' },
    ]);
  const drafts = { [`pipelines/${file}`]: path };
  return { kind: 'pipeline', name: basename(file, '.yaml'), drafts, schema: Pipeline } as const;
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
