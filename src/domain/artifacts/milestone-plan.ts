// The project cut into milestones that can each be merged on its own, with the tasks inside them.
import { z } from 'zod';
import { PROJECT_LEDGER, Slug } from '../names';
import { said } from './fields';

export const Task = z.object({
  title: z.string().min(1),
  files: z.array(z.string()),
  complexity: z.enum(['low', 'med', 'high']),
  mocks: z
    .array(z.object({ input: z.string(), output: z.string() }))
    .describe('examples: what goes in and what must come out'),
  tests_needed: z.array(z.string()),
  independent: z.boolean().describe('true when it shares no file with the other tasks of its milestone'),
});
export type Task = z.infer<typeof Task>;

export const Milestone = z.object({
  id: Slug.describe('short, in lower case with dashes'),
  title: z.string().min(1).max(200),
  description: z.string(),
  acceptance_criteria: z.array(z.string()),
  dependencies: z.array(Slug).describe('ids of the milestones that must be merged before this one begins'),
  feedback: z.string().describe('what an earlier attempt taught, empty at first'),
  tasks: z.array(Task),
});
export type Milestone = z.infer<typeof Milestone>;

export const MILESTONES_LIMIT = 500;

export const MilestonePlan = z
  .object({
    ...said,
    milestones: z.array(Milestone).min(1).max(MILESTONES_LIMIT),
    out_of_scope: z.array(z.string()).describe('what was asked or suggests itself, and is left for later'),
  })
  .superRefine(({ milestones }, issues) => {
    const ids = milestones.map(({ id }) => id);
    for (const [at, { id, dependencies }] of milestones.entries()) {
      const refuse = (message: string) => issues.addIssue({ code: 'custom', message, path: ['milestones', at] });
      if (ids.indexOf(id) !== at) refuse(`the id "${id}" is used twice`);
      if (id === PROJECT_LEDGER) refuse(`"${id}" cannot be the id of a milestone`);
      for (const need of dependencies)
        if (!ids.includes(need)) refuse(`"${id}" depends on "${need}", which is not in the plan`);
    }
    const cycle = firstCycle(milestones);
    if (cycle !== undefined)
      issues.addIssue({ code: 'custom', message: `milestones wait for each other: ${cycle.join(' → ')}` });
  });
export type MilestonePlan = z.infer<typeof MilestonePlan>;

/** The same milestones under ids that say nothing of what they are about. */
export function numbered(milestones: readonly Milestone[]): Milestone[] {
  const ids = new Map(milestones.map(({ id }, at) => [id, `m${at + 1}`]));
  return milestones.map((milestone) => ({
    ...milestone,
    id: ids.get(milestone.id)!,
    dependencies: milestone.dependencies.map((id) => ids.get(id)!),
  }));
}

/** The first circle of dependencies found, spelled out, or undefined where there is none. */
export function firstCycle(nodes: readonly { id: string; dependencies: readonly string[] }[]): string[] | undefined {
  const needs = new Map(nodes.map(({ id, dependencies }) => [id, dependencies]));
  const settled = new Set<string>();
  const walk = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (settled.has(id)) return undefined;
    for (const need of needs.get(id) ?? []) {
      const cycle = walk(need, [...path, id]);
      if (cycle !== undefined) return cycle;
    }
    settled.add(id);
    return undefined;
  };
  for (const { id } of nodes) {
    const cycle = walk(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
