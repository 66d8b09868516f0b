// A pipeline is data: a graph of stages, each one step, with where rework goes and how often.
import { z } from 'zod';
import { Slug } from './names';

export const kinds = ['agent', 'check', 'approval', 'merge', 'pipeline'] as const;
export type StageKind = (typeof kinds)[number];

const REWORK_LIMIT = 20;

export const Rework = z.strictObject({
  to: Slug.describe('the stage that takes the work back: this one or an earlier one'),
  except: z.record(z.string(), Slug).default({}).describe('by cause, where it goes instead'),
  max: z.number().int().min(1).max(REWORK_LIMIT),
  then: z.enum(['escalate', 'fail']).default('escalate'),
});
export type Rework = z.infer<typeof Rework>;

export const Stage = z
  .strictObject({
    agent: Slug.optional(),
    check: z.enum(['tests']).optional(),
    approval: z.enum(['candidate', 'plan']).optional(),
    merge: z.enum(['base']).optional(),
    pipeline: Slug.optional(),
    needs: z.array(Slug).default([]),
    when: z.string().optional().describe('CEL over decision fields; false skips the stage'),
    fanOut: FactPath().optional().describe('one call for each element of this fact, side by side'),
    forEach: FactPath().optional().describe('one child pipeline for each element of this fact'),
    rubric: z.enum(['default']).optional(),
    coverage: z.number().min(0).max(100).optional().describe('percent of lines that a check demands'),
    onRework: Rework.optional(),
  })
  .superRefine((stage, issues) => {
    const named = kinds.filter((kind) => stage[kind] !== undefined);
    const refuse = (message: string) => issues.addIssue({ code: 'custom', message });
    if (named.length !== 1)
      refuse(`expected exactly one of ${kinds.join(', ')}, found ${named.join(' and ') || 'none'}`);
    if (stage.fanOut !== undefined && stage.agent === undefined) refuse('fanOut goes with agent');
    if ((stage.forEach === undefined) !== (stage.pipeline === undefined)) refuse('pipeline and forEach go together');
    if (stage.coverage !== undefined && stage.check === undefined) refuse('coverage goes with check');
    if (stage.rubric !== undefined && stage.agent === undefined) refuse('rubric goes with agent');
  });
export type Stage = z.infer<typeof Stage>;

export const Pipeline = z.strictObject({
  name: Slug,
  description: z.string().optional(),
  stages: z.record(Slug, Stage),
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
