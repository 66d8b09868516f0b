// Everything a run is made of, resolved once when it starts: pipelines, agents, models; and what follows from how they stand together.
import type { AgentDefinition, ModelDefinition } from './agent';
import { rung } from './ladder';
import { downstream, stageKind, stageNames, upstream, type Pipeline, type Stage } from './pipeline';

export type Definition = {
  /** The ledger's commit that holds the request and the prompts as they were at the start. */
  commit: string;
  /** The name of the pipeline that the run itself follows; the others are those it runs. */
  top: string;
  pipelines: { readonly [name: string]: Pipeline };
  agents: { readonly [name: string]: AgentDefinition & { promptDigest: string } };
  models: { readonly [alias: string]: ModelDefinition };
  /** True when the operator accepted, in words, that a review may come from the family that wrote the code. */
  sameFamilyReview: boolean;
};

/** What an agent may read besides the artifacts of stages. */
export const ambientReads = ['request', 'milestone', 'repository', 'candidate'] as const;

type Agents = { readonly [name: string]: AgentDefinition };

/** The agent of a stage, with what the stage says otherwise of it. */
export function agentOf<A extends AgentDefinition>(
  agents: { readonly [name: string]: A },
  { agent: name = '', ...stage }: Stage,
): A | undefined {
  const agent = agents[name];
  if (agent === undefined) return undefined;
  const { model = agent.model, tools = agent.tools, reads = agent.reads } = stage;
  return { ...agent, model, tools, reads };
}

/** Whether what this stage hands over becomes part of the candidate. */
export function writesTree(agents: Agents, stage: Stage): boolean {
  const kind = agents[stage.agent ?? '']?.writes;
  return kind === 'Change' || kind === 'TestSuite' || stage.into === 'candidate';
}

/** The stages before this one whose work a candidate is made of that is assembled here. */
export function worksBefore(pipeline: Pipeline, agents: Agents, stage: string): string[] {
  const before = upstream(pipeline, stage);
  return stageNames(pipeline).filter((name) => before.has(name) && writesTree(agents, pipeline.stages[name]!));
}

/** The stages before the merge that are about the very candidate that is merged, not about one that others add to. */
export function finalStages(pipeline: Pipeline, agents: Agents): string[] {
  const merge = stageNames(pipeline).find((name) => pipeline.stages[name]!.merge !== undefined);
  if (merge === undefined) return [];
  const whole = worksBefore(pipeline, agents, merge).length;
  const assembles = (name: string) =>
    pipeline.stages[name]?.check !== undefined && worksBefore(pipeline, agents, name).length === whole;
  const before = upstream(pipeline, merge);
  return stageNames(pipeline).filter((name) => before.has(name) && [name, ...upstream(pipeline, name)].some(assembles));
}

/** The stages whose evidence the gate will demand: what stands between the code and the merge in this pipeline. */
export function demandsOf(pipeline: Pipeline, agents: Agents): { review: string[]; evaluate: string[] } {
  const final = finalStages(pipeline, agents);
  const writing = (kind: string) => final.filter((name) => agents[pipeline.stages[name]!.agent ?? '']?.writes === kind);
  return { review: writing('Review'), evaluate: writing('Evaluation') };
}

/** The tests of the candidate that is merged. */
export function finalCheck(pipeline: Pipeline, agents: Agents): string | undefined {
  return finalStages(pipeline, agents).findLast((name) => pipeline.stages[name]!.check === 'tests');
}

/** Whether anything that is merged depends on this stage. */
export function leadsToMerge(pipeline: Pipeline, stage: string): boolean {
  return [stage, ...downstream(pipeline, stage)].some((name) =>
    ['merge', 'pipeline'].includes(stageKind(pipeline.stages[name]!)),
  );
}

export function modelAt(
  definition: Definition,
  agent: AgentDefinition,
  iteration: number,
): { alias: string } & ModelDefinition {
  // Climbed each time the work comes back.
  const alias = rung(agent.model, iteration);
  return { alias, ...definition.models[alias]! };
}
