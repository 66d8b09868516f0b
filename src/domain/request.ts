// What a person asks for: the input of both workflows.
import { z } from 'zod';
import { Usd } from './decision';
import { BranchName, Slug } from './names';

const REQUEST_LIMIT_CHARS = 60_000;

// `user:password@`, where no port stands for the password; or a forge's token for the user.
const withSecret = /^\s*[\w+.-]+:\/\/(?:[^/@:]*:(?!\d+\/)[^@]*@|(?:gh[a-z]_|github_pat_|glpat-)[^/@]*@)/;

/** A request is kept in Temporal's history and shown to whoever may look: what is secret has no place in it. */
export const holdsSecret = (repository: string): boolean => withSecret.test(repository);
export const SECRET_REFUSED =
  'it must not hold a password or token, which the history would keep: leave that to the git credential helper or the SSH agent of the workers; one that was sent already is to be revoked';

const common = {
  repository: z
    .string()
    .min(1)
    .max(1_000)
    .refine((repository) => !holdsSecret(repository), SECRET_REFUSED)
    .describe('a path, a bare repository, a checkout or a URL'),
  base: BranchName.optional().describe("the branch to deliver into; by default the repository's own"),
  pipeline: Slug.default('milestone'),
  approvers: z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe('who may decide; nobody named: whoever may signal'),
  budget: Usd.optional().describe('US dollars that the models may cost; then it waits'),
};

export const ProjectRequest = z.strictObject({
  request: z.string().trim().min(1).max(REQUEST_LIMIT_CHARS),
  ...common,
  agreePlan: z.boolean().default(false).describe('whether a person agrees to the plan before anything is built'),
  maxParallel: z.number().int().min(1).max(16).default(2),
  maxWaiting: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('with so many milestones waiting for a queue or a worker, no further one begins'),
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

/** What a request is called where nothing else names it. */
export const titleOf = ({ request }: Pick<ProjectRequest, 'request'>): string => request.split('\n')[0]!.slice(0, 120);
