// Everything a run is made of, resolved once when it starts: pipelines, agents, models. Here is what makes it sound.
import { parse } from '@marcbachmann/cel-js';
import { rung, type AgentDefinition, type ModelDefinition } from './agent';
import { firstCycle } from './artifacts/milestone-plan';
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

export type Problem = { path: readonly (string | number)[]; message: string };

export type Parts = Pick<Definition, 'pipelines' | 'models' | 'sameFamilyReview'> & {
  agents: { readonly [name: string]: AgentDefinition };
};

/** What is wrong with one pipeline, each with where in its file it stands. Empty: sound. */
export function pipelineProblems(pipeline: Pipeline, parts: Parts): Problem[] {
  const problems = stageNames(pipeline).flatMap((name) => stageProblems(pipeline, name, parts));
  for (const kind of ['check', 'merge', 'approval'] as const) {
    const [, second] = stageNames(pipeline).filter((name) => pipeline.stages[name]![kind] !== undefined);
    if (second !== undefined)
      problems.push({
        path: ['stages', second],
        message: `a pipeline has one ${kind} at most, and this is its second`,
      });
  }
  const cycle = firstCycle(stageNames(pipeline).map((id) => ({ id, dependencies: pipeline.stages[id]!.needs })));
  if (cycle !== undefined)
    problems.push({
      path: ['stages', cycle[0]!, 'needs'],
      message: `stages wait for each other: ${cycle.join(' → ')}`,
    });
  return problems;
}

function stageProblems(pipeline: Pipeline, name: string, parts: Parts): Problem[] {
  const stage = pipeline.stages[name]!;
  const before = upstream(pipeline, name);
  const at = (...path: (string | number)[]) => ['stages', name, ...path];
  const problems: Problem[] = [];
  const refuse = (path: (string | number)[], message: string) => problems.push({ path: at(...path), message });
  const known = stageNames(pipeline);

  stage.needs.forEach((need, index) => {
    if (!known.includes(need)) refuse(['needs', index], `unknown stage "${need}"; expected one of ${known.join(', ')}`);
  });
  if (stage.when !== undefined) {
    const error = whenError(stage.when);
    if (error !== undefined) refuse(['when'], `not a CEL expression: ${error}`);
  }
  for (const key of ['fanOut', 'forEach'] as const) {
    const source = stage[key]?.split('.')[0];
    if (source !== undefined && !before.has(source)) refuse([key], `"${source}" is not a stage before ${name}`);
  }
  if (stage.onRework !== undefined) {
    for (const [path, to] of [
      [['to'], stage.onRework.to] as const,
      ...Object.entries(stage.onRework.except).map(([cause, to]) => [['except', cause], to] as const),
    ]) {
      if (to !== name && !before.has(to))
        refuse(['onRework', ...path], `work cannot go back to "${to}": it is not a stage before ${name}`);
    }
  }
  if (stage.agent !== undefined)
    agentProblems(pipeline, name, stage, parts).forEach(({ path, message }) => refuse([...path], message));
  if (stage.pipeline !== undefined && parts.pipelines[stage.pipeline] === undefined) {
    refuse(
      ['pipeline'],
      `unknown pipeline "${stage.pipeline}"; expected one of ${Object.keys(parts.pipelines).join(', ')}`,
    );
  }
  if (stage.merge !== undefined) {
    for (const [what, kind] of [
      ['a check of the tests', 'check'],
      ['an approval of the candidate', 'approval'],
    ] as const) {
      const guards = [...before]
        .map((guard) => pipeline.stages[guard])
        .filter((guard) => guard !== undefined && stageKind(guard) === kind);
      if (!guards.some((guard) => guard!.when === undefined && guard!.approval !== 'plan')) {
        refuse(['merge'], `merge is reachable without ${what}: it needs one before it, without "when"`);
      }
    }
  }
  if (stage.approval === 'candidate' && ![...before].some((guard) => pipeline.stages[guard]?.check !== undefined)) {
    refuse(['approval'], 'there is no candidate to approve: it needs a check before it');
  }
  return problems;
}

function agentProblems(pipeline: Pipeline, name: string, stage: Stage, parts: Parts): Problem[] {
  const agent = parts.agents[stage.agent!];
  if (agent === undefined) {
    return [
      {
        path: ['agent'],
        message: `unknown agent "${stage.agent}"; expected one of ${Object.keys(parts.agents).join(', ')}`,
      },
    ];
  }
  const problems: Problem[] = [];
  const before = upstream(pipeline, name);
  for (const read of agent.reads) {
    if (!before.has(read) && !(ambientReads as readonly string[]).includes(read)) {
      problems.push({
        path: ['agent'],
        message: `agent "${stage.agent}" reads "${read}", which is not a stage before ${name}`,
      });
    }
  }
  for (const alias of agent.model) {
    if (parts.models[alias] === undefined) {
      problems.push({
        path: ['agent'],
        message: `agent "${stage.agent}" names the model "${alias}"; expected one of ${Object.keys(parts.models).join(', ')}`,
      });
    }
  }
  if (stage.rubric !== undefined && agent.writes !== 'Evaluation') {
    problems.push({
      path: ['rubric'],
      message: `a rubric judges an Evaluation, and "${stage.agent}" writes ${agent.writes}`,
    });
  }
  if (agent.writes === 'Review' && !parts.sameFamilyReview) {
    const shared = sharedFamily(pipeline, before, agent, parts);
    if (shared !== undefined)
      problems.push({
        path: ['agent'],
        message: `"${stage.agent}" reviews work of its own model family (${shared}): give it a model of another family in models.yaml, or accept it in the words of MILLWRIGHT_SAME_FAMILY_REVIEW (see README)`,
      });
  }
  return problems;
}

function sharedFamily(
  pipeline: Pipeline,
  before: ReadonlySet<string>,
  reviewer: AgentDefinition,
  parts: Parts,
): string | undefined {
  const families = (agent: AgentDefinition) => agent.model.map((alias) => parts.models[alias]?.family);
  const authors = [...before]
    .map((stage) => parts.agents[pipeline.stages[stage]?.agent ?? ''])
    .filter((agent) => agent?.writes === 'Change');
  const written = new Set(authors.flatMap((author) => families(author!)));
  return families(reviewer).find((family) => family !== undefined && written.has(family));
}

function whenError(expression: string): string | undefined {
  try {
    parse(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** The stages whose evidence the gate will demand: what stands between the code and the merge in this pipeline. */
export function demandsOf(pipeline: Pipeline, agents: Definition['agents']): { review: string[]; evaluate: string[] } {
  const merge = stageNames(pipeline).find((name) => pipeline.stages[name]!.merge !== undefined);
  const before = merge === undefined ? [] : [...upstream(pipeline, merge)];
  const writing = (kind: string) =>
    before.filter((name) => agents[pipeline.stages[name]!.agent ?? '']?.writes === kind);
  return { review: writing('Review'), evaluate: writing('Evaluation') };
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
  const alias = rung(agent.model, iteration);
  return { alias, ...definition.models[alias]! };
}
