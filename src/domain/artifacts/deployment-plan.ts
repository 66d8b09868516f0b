// How what was delivered is put into operation. Nothing is deployed: it is a plan, or files in what is merged.
import { z } from 'zod';
import { said, type FileContent } from './fields';

export const DeploymentPlan = z.object({
  ...said,
  dockerfile: z.string(),
  deployment_config: z.string(),
  environment_variables: z.array(z.object({ name: z.string(), purpose: z.string(), required: z.boolean() })),
  deploy_instructions: z.array(z.string()),
});
export type DeploymentPlan = z.infer<typeof DeploymentPlan>;

/** The plan as files of the repository. */
export function deploymentFiles(plan: DeploymentPlan): FileContent[] {
  const variables = plan.environment_variables.map(
    ({ name, purpose, required }) => `| \`${name}\` | ${required ? 'yes' : 'no'} | ${purpose.replace(/\s+/g, ' ')} |`,
  );
  const guide = [
    ...['# Deployment', '', ...plan.deploy_instructions.map((step, at) => `${at + 1}. ${step.replace(/\s+/g, ' ')}`)],
    ...(variables.length === 0 ? [] : ['', '| variable | required | purpose |', '|---|---|---|', ...variables]),
  ].join('\n');
  return [
    { path: 'Dockerfile', content: plan.dockerfile },
    { path: 'deploy/compose.yaml', content: plan.deployment_config },
    { path: 'deploy/README.md', content: guide },
  ]
    .filter(({ content }) => content.trim() !== '')
    .map(({ path, content }) => ({ path, content: `${content.trimEnd()}\n` }));
}
