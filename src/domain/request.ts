// What a person asks for: the input of both workflows.
import { z } from 'zod';
import { BranchName, Slug } from './names';

const REQUEST_LIMIT_CHARS = 60_000;

const common = {
  repository: z.string().min(1).max(1_000).describe('a path, a bare repository, a checkout or a URL'),
  base: BranchName.optional().describe("the branch to deliver into; by default the repository's own"),
  pipeline: Slug.default('milestone'),
  approvers: z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe('who may decide; nobody named: whoever may signal'),
};

export const ProjectRequest = z.strictObject({
  request: z.string().trim().min(1).max(REQUEST_LIMIT_CHARS),
  ...common,
  agreePlan: z.boolean().default(false).describe('whether a person agrees to the plan before anything is built'),
  maxParallel: z.number().int().min(1).max(16).default(2),
});
export type ProjectRequest = z.infer<typeof ProjectRequest>;

/** A milestone started on its own, without a project around it. */
export const MilestoneRequest = z.strictObject({
  request: z.string().trim().min(1).max(REQUEST_LIMIT_CHARS),
  ...common,
  title: z.string().trim().min(1).max(200).optional(),
  acceptance_criteria: z.array(z.string().trim().min(1).max(1_000)).max(50).default([]),
});
export type MilestoneRequest = z.infer<typeof MilestoneRequest>;
