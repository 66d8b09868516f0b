// How what was delivered is put into operation. A plan: nothing is deployed.
import { z } from 'zod';
import { said } from './fields';

export const DeploymentPlan = z.object({
  ...said,
  dockerfile: z.string(),
  deployment_config: z.string(),
  environment_variables: z.array(z.object({ name: z.string(), purpose: z.string(), required: z.boolean() })),
  deploy_instructions: z.array(z.string()),
});
export type DeploymentPlan = z.infer<typeof DeploymentPlan>;
