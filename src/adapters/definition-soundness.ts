// Whether pipelines, agents and models fit each other.
import { pipelineProblems, type Parts } from '../domain/definition';
import type { Pipeline } from '../domain/pipeline';
import type { Agents, DefinitionSet } from './definition-set';
import { flawsOf, type Flaw } from './yaml-file';

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
