// One piece of work as prioritised tasks, with what those who implement, review and test them work from.
import { z } from 'zod';
import { Slug } from '../names';
import { said, twice } from './fields';

/** Each task is a paid call of its own, side by side with the others. */
const TASKS_LIMIT = 8;

export const TaskPlan = z.object({
  ...said,
  tasks: z
    .array(
      z.object({
        id: Slug,
        title: z.string().min(1),
        priority: z.number().int().min(1).describe('1 is done first'),
        files: z.array(z.string()).describe('the files that this task alone creates or changes'),
        interfaces: z.array(z.string()).describe('names, parameters and results that others rely on, spelled out'),
        acceptance: z.array(z.string()).describe('criteria, each testable'),
        mocks: z.array(z.object({ input: z.string(), output: z.string() })),
        complexity: z.enum(['low', 'med', 'high']),
        tests_needed: z.array(z.string()),
      }),
    )
    .min(1)
    .max(TASKS_LIMIT)
    .superRefine((tasks, issues) => {
      const refuse = (message: string) => issues.addIssue({ code: 'custom', message });
      if (twice(tasks.map(({ id }) => id)) !== undefined) refuse('two tasks have the same id');
      const shared = twice(tasks.flatMap(({ files }) => files));
      if (shared !== undefined) refuse(`two tasks change ${shared}: make them one, they are done side by side`);
    }),
  spec_fragments: z.array(z.object({ topic: z.string(), text: z.string() })),
  mock_data: z.array(z.object({ name: z.string(), content: z.string() })),
  wireframes: z.array(z.object({ name: z.string(), drawing: z.string().describe('as text') })),
});
export type TaskPlan = z.infer<typeof TaskPlan>;
