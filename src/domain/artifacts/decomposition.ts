// A task as typed subtasks, each for the role that may do it and nothing more.
import { z } from 'zod';
import { Slug } from '../names';
import { said, twice } from './fields';

/** Each subtask is a paid call of its own. */
const SUBTASKS_LIMIT = 16;

export const Decomposition = z.object({
  ...said,
  subtasks: z
    .array(
      z.object({
        id: Slug,
        type: z.enum(['generate', 'test', 'review']),
        title: z.string().min(1),
        files: z.array(z.string()).describe('generate and test: the files it alone writes; review: those it looks at'),
        instructions: z.string(),
        acceptance: z.array(z.string()),
      }),
    )
    .min(1)
    .max(SUBTASKS_LIMIT)
    .superRefine((subtasks, issues) => {
      const refuse = (message: string) => issues.addIssue({ code: 'custom', message });
      if (twice(subtasks.map(({ id }) => id)) !== undefined) refuse('two subtasks have the same id');
      for (const type of ['generate', 'test', 'review'])
        if (!subtasks.some((subtask) => subtask.type === type)) refuse(`there is no subtask of the type ${type}`);
      const shared = twice(subtasks.flatMap(({ type, files }) => (type === 'review' ? [] : files)));
      if (shared !== undefined) refuse(`two subtasks write ${shared}: make them one, they are done side by side`);
    }),
});
export type Decomposition = z.infer<typeof Decomposition>;
