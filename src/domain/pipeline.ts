// A pipeline is data: a graph of stages, each one step, with where rework goes and how often.
import { z } from 'zod';
import { AgentDefinition } from './agent';
import { Slug } from './names';

export const kinds = ['agent', 'check', 'approval', 'merge', 'pipeline'] as const;
export type StageKind = (typeof kinds)[number];

const REWORK_LIMIT = 20;

/** Where a failure goes that no stage is to take back. */
export const routes = ['escalate', 'fail'] as const;

export const Rework = z.strictObject({
  to: Slug.describe('the stage that takes the work back: this one or an earlier one'),
  except: z
    .record(z.string(), Slug)
    .default({})
    .describe('by cause, of a blocked stage as well: the stage where it goes instead, or `escalate`, or `fail`'),
  guided: z
    .record(z.string(), Slug)
    .optional()
    .describe(
      'by cause, of what went to a person: the stage that hears the guidance, where it is not the one that takes the work back',
    ),
  max: z.number().int().min(1).max(REWORK_LIMIT),
  then: z.enum(['escalate', 'fail']).default('escalate'),
});
export type Rework = z.infer<typeof Rework>;

/** What a stage's handoff writes on the board. */
const BoardEntry = z.strictObject({
  fills: z.array(z.string()).default([]).describe('the fields that hold its summary from then on'),
  ok: z.string().optional().describe('the status when it went well'),
  rework: z.string().optional().describe('the status when it sends work back'),
  blocked: z.string().optional().describe('the status when it is stuck'),
});

/** What a stage may say of its agent that the agent's own file says otherwise. */
const overrides = z.strictObject({
  model: AgentDefinition.shape.model.optional(),
  tools: AgentDefinition.shape.tools.unwrap().optional(),
  reads: AgentDefinition.shape.reads.unwrap().optional(),
});

export const Stage = z
  .strictObject({
    agent: Slug.optional(),
    check: z.enum(['tests', 'assembly', 'mutants']).optional(),
    approval: z.enum(['candidate', 'plan']).optional(),
    pullRequest: z
      .boolean()
      .optional()
      .describe('shows the candidate as a pull request meanwhile, where there is a forge'),
    merge: z.enum(['base']).optional(),
    pipeline: Slug.optional(),
    ...overrides.shape,
    needs: z.array(Slug).default([]),
    when: z.string().optional().describe('CEL over decision fields; false skips the stage'),
    fanOut: FactPath().optional().describe('one call for each element of this fact, side by side'),
    forEach: FactPath().optional().describe('one child pipeline for each element of this fact; without it, one'),
    hands: Slug.optional().describe('the stage whose artifact a child pipeline is given as its milestone'),
    focus: z.string().max(500).optional().describe('what this stage wants of the agent beside its prompt'),
    into: z.enum(['candidate']).optional().describe('where the files go that a DeploymentPlan describes'),
    success: z.string().optional().describe('CEL over decision fields that must hold when it is done'),
    board: BoardEntry.optional().describe('what its handoff writes on the board'),
    passOn: z.array(z.string()).optional().describe('causes that the stages after it are to judge'),
    rubric: z.enum(['default']).optional(),
    coverage: z.number().min(0).max(100).optional().describe('percent of lines that a check demands'),
    threshold: z.number().min(0).max(1).optional().describe('the score that a check of mutants demands'),
    seconds: z.number().int().min(10).max(3_000).optional().describe('how long a check of mutants may take'),
    onRework: Rework.optional(),
  })
  .superRefine((stage, issues) => {
    const named = kinds.filter((kind) => stage[kind] !== undefined);
    const refuse = (message: string) => issues.addIssue({ code: 'custom', message });
    if (named.length !== 1)
      refuse(`expected exactly one of ${kinds.join(', ')}, found ${named.join(' and ') || 'none'}`);
    if (stage.fanOut !== undefined && stage.agent === undefined) refuse('fanOut goes with agent');
    if (stage.forEach !== undefined && stage.pipeline === undefined) refuse('forEach goes with pipeline');
    if (stage.hands !== undefined && stage.pipeline === undefined) refuse('hands goes with pipeline');
    if (stage.pullRequest !== undefined && stage.approval !== 'candidate')
      refuse('pullRequest goes with approval: candidate');
    if (stage.focus !== undefined && stage.agent === undefined) refuse('focus goes with agent');
    if (stage.into !== undefined && stage.agent === undefined) refuse('into goes with agent');
    if (stage.passOn !== undefined && stage.check !== 'tests') refuse('passOn goes with check: tests');
    for (const key of Object.keys(overrides.shape) as (keyof typeof overrides.shape)[])
      if (stage[key] !== undefined && stage.agent === undefined) refuse(`${key} goes with agent`);
    if (stage.coverage !== undefined && stage.check !== 'tests') refuse('coverage goes with check: tests');
    for (const key of ['threshold', 'seconds'] as const)
      if (stage[key] !== undefined && stage.check !== 'mutants') refuse(`${key} goes with check: mutants`);
    if (stage.rubric !== undefined && stage.agent === undefined) refuse('rubric goes with agent');
  });
export type Stage = z.infer<typeof Stage>;

/** What is tried again by itself, where a pipeline allows less than everything that may pass. */
export const Retry = z.strictObject({
  on: z.array(z.enum(['rate-limit', 'timeout', 'unavailable'])),
  attempts: z.number().int().min(1).max(20),
});
export type Retry = z.infer<typeof Retry>;

export const Pipeline = z.strictObject({
  name: Slug,
  description: z.string().optional(),
  board: z.array(z.string()).optional().describe('the fields of the board, besides `task_id` and `status`'),
  restart: z
    .enum(['anew', 'continue'])
    .default('anew')
    .describe('whether a run that is started again with the same request takes over what an earlier one finished'),
  retry: Retry.optional(),
  stages: z.record(
    Slug.refine((name) => !(routes as readonly string[]).includes(name), 'names where a failure goes, not a stage'),
    Stage,
  ),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** The pipeline that the request names stands behind this word in a pipeline of pipelines. */
export const REQUESTED = 'requested';

function FactPath() {
  return z.string().regex(/^[a-z0-9-]+\.[A-Za-z_]\w*$/, 'expected <stage>.<fact>');
}

export const stageKind = (stage: Stage): StageKind => kinds.find((kind) => stage[kind] !== undefined)!;

export const stageNames = (pipeline: Pipeline): string[] => Object.keys(pipeline.stages);

/** Every stage that must have ended before this one, near and far. */
export function upstream(pipeline: Pipeline, stage: string): Set<string> {
  const found = new Set<string>();
  const walk = (name: string) => {
    for (const need of pipeline.stages[name]?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      walk(need);
    }
  };
  walk(stage);
  return found;
}

/** Every stage that builds on this one, near and far. */
export function downstream(pipeline: Pipeline, stage: string): Set<string> {
  return new Set(stageNames(pipeline).filter((name) => upstream(pipeline, name).has(stage)));
}
