// What makes a pipeline sound: found out when it is resolved, before anything is spent.
import { parse } from '@marcbachmann/cel-js';
import type { AgentDefinition } from './agent';
import { isJoined, joins } from './artifacts/join';
import { firstCycle } from './artifacts/milestone-plan';
import { nameOfKind, subjectsIn } from './condition';
import { agentOf, ambientReads, finalStages, worksBefore, type Definition } from './definition';
import { routes, stageKind, stageNames, upstream, type Pipeline, type Stage } from './pipeline';

export type Problem = { path: readonly (string | number)[]; message: string };

export type Parts = Pick<Definition, 'pipelines' | 'models' | 'sameFamilyReview'> & {
  agents: { readonly [name: string]: AgentDefinition };
};

/** What is wrong with one pipeline, each with where in its file it stands. Empty: sound. */
export function pipelineProblems(pipeline: Pipeline, parts: Parts): Problem[] {
  const problems = stageNames(pipeline).flatMap((name) => stageProblems(pipeline, name, parts));
  for (const [kind, what] of [
    ['merge', 'base'],
    ['approval', 'candidate'],
    ['approval', 'plan'],
  ] as const) {
    const [, second] = stageNames(pipeline).filter((name) => pipeline.stages[name]![kind] === what);
    if (second !== undefined)
      problems.push({
        path: ['stages', second],
        message: `a pipeline has one ${kind} of the ${what} at most, and this is its second`,
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
  for (const key of ['when', 'success'] as const) {
    const error = stage[key] === undefined ? undefined : celError(stage[key]);
    if (error !== undefined) refuse([key], `not a CEL expression: ${error}`);
    else unknownSubjects(pipeline, name, key, parts).forEach((message) => refuse([key], message));
  }
  for (const key of ['fanOut', 'forEach', 'hands'] as const) {
    const source = stage[key]?.split('.')[0];
    if (source !== undefined && !before.has(source)) refuse([key], `"${source}" is not a stage before ${name}`);
  }
  if (stage.onRework !== undefined) {
    for (const [path, to] of [
      [['to'], stage.onRework.to] as const,
      ...Object.entries(stage.onRework.except).map(([cause, to]) => [['except', cause], to] as const),
      ...Object.entries(stage.onRework.guided ?? {}).map(([cause, to]) => [['guided', cause], to] as const),
    ]) {
      const isRoute = path[0] === 'except' && (routes as readonly string[]).includes(to);
      if (to !== name && !before.has(to) && !isRoute)
        refuse(['onRework', ...path], `work cannot go back to "${to}": it is not a stage before ${name}`);
    }
  }
  if (stage.agent !== undefined)
    agentProblems(pipeline, name, stage, parts).forEach(({ path, message }) => refuse([...path], message));
  if (stage.pipeline !== undefined) {
    const error = nestedProblem(stage.pipeline, parts);
    if (error !== undefined) refuse(['pipeline'], error);
  }
  if (stage.check === 'mutants')
    mutantProblems(pipeline, stage, before, parts).forEach((message) => refuse(['check'], message));
  if (stage.merge !== undefined) mergeProblems(pipeline, name, parts).forEach((message) => refuse(['merge'], message));
  if (needsCandidate(stage, parts) && ![...before].some((guard) => pipeline.stages[guard]?.check !== undefined))
    refuse([stageKind(stage)], `there is no candidate for ${name} to judge: it needs a check before it`);
  return problems;
}

/** A milestone has no milestones: their money, their reports and what is decided about them go by the project. */
function nestedProblem(name: string, { pipelines }: Parts): string | undefined {
  const nested = pipelines[name];
  if (nested === undefined) return `unknown pipeline "${name}"; expected one of ${Object.keys(pipelines).join(', ')}`;
  const deeper = stageNames(nested).find((stage) => nested.stages[stage]!.pipeline !== undefined);
  if (deeper === undefined) return undefined;
  return `"${name}" runs a pipeline itself (${deeper}), and a milestone cannot begin milestones: name a pipeline without such a stage, or put the stages of "${name}" here`;
}

/** What the tests do not notice is their authors' to mend, and only tests that pass can notice anything. */
function mutantProblems(
  pipeline: Pipeline,
  { onRework }: Stage,
  before: ReadonlySet<string>,
  { agents }: Parts,
): string[] {
  const to = onRework?.except['weak-tests'] ?? onRework?.to;
  const author = agents[pipeline.stages[to ?? '']?.agent ?? '']?.writes;
  const isStage = pipeline.stages[to ?? ''] !== undefined;
  return [
    ...([...before].some((name) => pipeline.stages[name]?.check === 'tests')
      ? []
      : ['mutants say something of tests that pass: it needs a check of the tests before it']),
    ...(!isStage || author === 'TestSuite'
      ? []
      : [
          `what survives goes back to whoever wrote the tests, and "${to}" did not: onRework.to a stage that writes a TestSuite`,
        ]),
  ];
}

/** What stands between the code and the merge must be about all that is merged. */
function mergeProblems(pipeline: Pipeline, merge: string, { agents }: Parts): string[] {
  const final = finalStages(pipeline, agents);
  const before = [...upstream(pipeline, merge)].filter((name) => pipeline.stages[name] !== undefined);
  const guards = [
    ['a check of the tests', ({ check }: Stage) => check === 'tests'],
    ['an approval of the candidate', ({ approval }: Stage) => approval === 'candidate'],
  ] as const;
  const problems = guards.flatMap(([what, isGuard]) => {
    const found = before.filter((name) => isGuard(pipeline.stages[name]!) && pipeline.stages[name]!.when === undefined);
    if (found.length === 0) return [`merge is reachable without ${what}: it needs one before it, without "when"`];
    return found.some((name) => final.includes(name)) ? [] : [tooEarly(pipeline, agents, merge, what, found)];
  });
  const reviews = before.filter((name) => agents[pipeline.stages[name]!.agent ?? '']?.writes === 'Review');
  const unseen = reviews.length > 0 && !reviews.some((name) => final.includes(name));
  return unseen ? [...problems, tooEarly(pipeline, agents, merge, 'a review', reviews)] : problems;
}

function tooEarly(pipeline: Pipeline, agents: Parts['agents'], merge: string, what: string, found: string[]): string {
  const seen = found.flatMap((name) => worksBefore(pipeline, agents, name));
  const added = worksBefore(pipeline, agents, merge).filter((name) => !seen.includes(name));
  const by = added.length > 0 ? added.join(', ') : 'a stage before the last check';
  return `what is merged is not what was judged: it needs ${what} of the candidate that holds the work of ${by}`;
}

function needsCandidate(stage: Stage, { agents }: Parts): boolean {
  const agent = agentOf(agents, stage);
  return stage.approval === 'candidate' || agent?.writes === 'Evaluation' || agent?.writes === 'Review';
}

function agentProblems(pipeline: Pipeline, name: string, stage: Stage, parts: Parts): Problem[] {
  const agent = agentOf(parts.agents, stage);
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
  const readable: readonly string[] = [...ambientReads, ...stageNames(pipeline).filter((one) => before.has(one))];
  agent.reads.forEach((read, index) => {
    if (readable.includes(read)) return;
    const message = `agent "${stage.agent}" reads "${read}", which is not a stage before ${name}; expected one of ${readable.join(', ')}`;
    problems.push({ path: stage.reads === undefined ? ['agent'] : ['reads', index], message });
  });
  for (const alias of agent.model) {
    if (parts.models[alias] === undefined) {
      problems.push({
        path: ['agent'],
        message: `agent "${stage.agent}" names the model "${alias}"; expected one of ${Object.keys(parts.models).join(', ')}`,
      });
    }
  }
  if (stage.into !== undefined && agent.writes !== 'DeploymentPlan') {
    problems.push({
      path: ['into'],
      message: `only the files of a DeploymentPlan are put into the candidate, and "${stage.agent}" writes ${agent.writes}`,
    });
  }
  if (stage.fanOut !== undefined && !isJoined(agent.writes)) {
    problems.push({
      path: ['fanOut'],
      message: `"${stage.agent}" writes ${agent.writes}, and side by side can be written what is joined into one: ${Object.keys(joins).join(', ')}`,
    });
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
    .map((stage) => pipeline.stages[stage] && agentOf(parts.agents, pipeline.stages[stage]))
    .filter((agent) => agent?.writes === 'Change');
  const written = new Set(authors.flatMap((author) => families(author!)));
  return families(reviewer).find((family) => family !== undefined && written.has(family));
}

/** A condition that looks at what is not there has no answer, and that comes out when the work before it is paid for. */
function unknownSubjects(pipeline: Pipeline, name: string, key: 'when' | 'success', { agents }: Parts): string[] {
  const before = upstream(pipeline, name);
  const stages = stageNames(pipeline).filter((stage) => before.has(stage) || (key === 'success' && stage === name));
  const kinds = stages.flatMap((stage) => agentOf(agents, pipeline.stages[stage]!)?.writes ?? []);
  const expected = [...new Set([...stages, ...kinds.map(nameOfKind), 'testReport', 'request', 'milestone'])];
  return subjectsIn(pipeline.stages[name]![key] ?? '')
    .filter((subject) => !expected.includes(subject))
    .map((subject) => `nothing before ${name} is called "${subject}"; expected one of ${expected.join(', ')}`);
}

function celError(expression: string): string | undefined {
  try {
    parse(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
