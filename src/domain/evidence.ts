// Gathers from a run's state what a candidate is made of, and what the gate will look at. It only gathers: the gate alone judges.
import type { Definition } from './definition';
import { demandsOf, finalCheck, finalStages } from './definition';
import type { EngineState } from './engine';
import type { Demand, Evidence } from './gate';
import { stageNames, upstream, type Pipeline } from './pipeline';
import type { MadeBy } from './receipt';

/** What a candidate is made of: the commits of every stage before this one that wrote something into the tree. */
export function worksBefore(
  pipeline: Pipeline,
  { stages }: EngineState,
  name: string,
): { stage: string; work: string }[] {
  return [...upstream(pipeline, name)].reverse().flatMap((stage) => {
    const { work } = stages[stage]!.handoff?.facts ?? {};
    return typeof work === 'string' ? [{ stage, work }] : [];
  });
}

/** What the gate must see before this candidate may be merged. */
export function demandFor(
  candidate: string,
  pipeline: Pipeline,
  definition: Definition,
  approvers: readonly string[],
): Omit<Demand, 'base'> {
  const { review, evaluate } = demandsOf(pipeline, definition.agents);
  return {
    candidate,
    approvers,
    reviews: review,
    evaluations: evaluate,
    sameFamilyReview: definition.sameFamilyReview,
  };
}

export function collectEvidence(pipeline: Pipeline, definition: Definition, state: EngineState): Evidence {
  const demands = demandsOf(pipeline, definition.agents);
  const authors = [...new Set(families(state, 'Change'))];
  const about = (stages: readonly string[], add: object) =>
    Object.fromEntries(stages.map((name) => [name, evidenceOf(state, name, add)]));
  return {
    verify: factsOf(state, finalCheck(pipeline, definition.agents)),
    reviews: about(demands.review, { authors }),
    evaluations: about(demands.evaluate, {}),
    approval: factsOf(state, approvalIn(pipeline, definition)),
  };
}

/** Whose work it is: of every stage that an agent did, the model and the prompt. */
export function authorship(pipeline: Pipeline, { agents, models }: Definition, state: EngineState): MadeBy[] {
  return stageNames(pipeline).flatMap((stage) => {
    const { model: alias, family } = state.stages[stage]?.handoff?.facts ?? {};
    const { agent = '' } = pipeline.stages[stage]!;
    const model = models[String(alias)]?.model;
    const prompt = agents[agent]?.promptDigest;
    if (model === undefined || prompt === undefined || typeof family !== 'string') return [];
    return [{ stage, agent, model, family, prompt }];
  });
}

function evidenceOf(state: EngineState, name: string, add: object): unknown {
  const { status, handoff, skipped } = state.stages[name]!;
  if (status === 'skipped') return { skipped: true, ...skipped };
  return status === 'done' ? { ...handoff!.facts, ...add } : undefined;
}

const approvalIn = (pipeline: Pipeline, { agents }: Definition): string | undefined =>
  finalStages(pipeline, agents).find((name) => pipeline.stages[name]!.approval === 'candidate');

function factsOf(state: EngineState, name: string | undefined): unknown {
  const run = name === undefined ? undefined : state.stages[name];
  return run?.status === 'done' ? run.handoff!.facts : undefined;
}

function families(state: EngineState, kind: string): string[] {
  return Object.values(state.stages).flatMap(({ status, handoff }) => {
    const family = handoff?.artifact?.kind === kind && status === 'done' ? handoff.facts.family : undefined;
    return typeof family === 'string' ? [family] : [];
  });
}
