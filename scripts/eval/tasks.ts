// The tasks of a file: one JSON a line. The first that cannot be used is named with its line.
import { z } from 'zod';
import { pathObjection } from '../../src/domain/paths';

const Path = z.string().superRefine((path, issues) => {
  const message = pathObjection(path);
  if (message !== undefined) issues.addIssue({ code: 'custom', message });
});
const Files = z.array(z.object({ path: Path, content: z.string() }));
const Some = Files.min(1);

export const Task = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/, 'expected up to 31 of letters, digits, dots and dashes'),
  request: z.string().trim().min(1),
  files: Files.describe('the repository as it is before'),
  good: Some.describe('a right answer'),
  buggy: Some.describe('a wrong one'),
  tests: Some.describe('strong tests'),
  weak_tests: Some.describe('weak ones'),
});
export type Task = z.infer<typeof Task>;
export type Files = Task['files'];

export class BrokenTask extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

export function tasksIn(text: string): Task[] {
  const rows = text.split('\n').map((row, at) => ({ row, line: at + 1 }));
  const tasks = rows.filter(({ row }) => row.trim() !== '').map(({ row, line }) => ({ line, task: taskIn(row, line) }));
  if (tasks.length === 0) throw new BrokenTask(1, 'there is no task in it; expected one JSON object a line');
  const twice = tasks.find(({ task }, at) => tasks.findIndex((other) => other.task.id === task.id) < at);
  if (twice !== undefined) throw new BrokenTask(twice.line, `there is a task "${twice.task.id}" already`);
  return tasks.map(({ task }) => task);
}

function taskIn(row: string, line: number): Task {
  let json: unknown;
  try {
    json = JSON.parse(row);
  } catch (error) {
    throw new BrokenTask(line, `not JSON: ${(error as Error).message}`);
  }
  const parsed = Task.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BrokenTask(line, `${issue!.path.join('.') || 'the task'}: ${issue!.message}`);
}
