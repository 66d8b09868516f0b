// What the milestone must do, precise enough to be tested.
import { z } from 'zod';
import { said } from './fields';

export const Specification = z.object({
  ...said,
  prd: z.string().describe('the product requirements, in two or three paragraphs'),
  user_stories: z.array(z.string()).describe('three to five, each "As a …, I want …, so that …"'),
  api_contracts: z.array(
    z.object({
      endpoint: z.string(),
      method: z.string(),
      request: z.string(),
      response: z.string(),
      status_codes: z.array(z.object({ code: z.number().int(), meaning: z.string() })),
    }),
  ),
  data_model: z.array(
    z.object({
      entity: z.string(),
      fields: z.array(z.object({ name: z.string(), type: z.string(), rules: z.string() })),
    }),
  ),
  non_functional: z.array(z.string()),
  acceptance_criteria: z.array(z.string()).min(1).describe('every criterion of the milestone, made testable'),
});
export type Specification = z.infer<typeof Specification>;
