// Whether pipelines, agents and models fit each other.
import { agentOf } from '../domain/definition';
import type { Pipeline } from '../domain/pipeline';
import { pipelineProblems, type Parts } from '../domain/soundness';
import type { Agents, DefinitionSet } from './definition-set';
import { flawsOf, type Flaw } from './yaml-file';

/** The agents that these pipelines call. */
export function usedAgents({ agents }: DefinitionSet, pipelines: Readonly<Record<string, Pipeline>>): Agents {
  const used = new Set(
    Object.values(pipelines).flatMap(({ stages }) => Object.values(stages).map(({ agent }) => agent)),
  );
  return Object.fromEntries(Object.entries(agents).filter(([name]) => used.has(name)));
}

/** The models that they may call. */
export function laddersOf(set: DefinitionSet, pipelines: Readonly<Record<string, Pipeline>>): ReadonlySet<string> {
  const agents = agentsIn(set);
  const stages = Object.values(pipelines).flatMap((pipeline) => Object.values(pipeline.stages));
  return new Set(stages.flatMap((stage) => agentOf(agents, stage)?.model ?? []));
}

/** What is wrong with these pipelines, with file and line. Empty: sound. */
export function soundnessFlaws(
  set: DefinitionSet,
  pipelines: Readonly<Record<string, Pipeline>>,
  sameFamilyReview: boolean,
): Flaw[] {
  const known = Object.fromEntries(Object.entries(set.pipelines).map(([name, { pipeline }]) => [name, pipeline]));
  const parts: Parts = {
    pipelines: { ...known, ...pipelines },
    agents: agentsIn(set),
    models: set.models,
    sameFamilyReview,
  };
  return Object.entries(pipelines).flatMap(([name, pipeline]) =>
    flawsOf(set.pipelines[name]!.file, pipelineProblems(pipeline, parts)),
  );
}

const agentsIn = ({ agents }: DefinitionSet) =>
  Object.fromEntries(Object.entries(agents).map(([name, { definition }]) => [name, definition]));
