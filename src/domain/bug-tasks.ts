// A failing test as a task, linked to the task that it came from.
import type { TaskPlan } from './artifacts/task-plan';
import type { BugTask, TestFailure } from './artifacts/test-report';
import type { TestSuite } from './artifacts/test-suite';

type From = {
  plan: Pick<TaskPlan, 'tasks'>;
  cases: TestSuite['cases'];
  /** Names the round, so that no two bugs of a run have the same id. */
  round: string;
};

export function bugTasks(failures: readonly TestFailure[], { plan, cases, round }: From): BugTask[] {
  return failures.map(({ test, error, repro_input }, at) => ({
    id: `bug-${round}-${at + 1}`,
    task: taskOf(test, plan.tasks, cases),
    test,
    error,
    repro_input,
  }));
}

/** By the criterion that the test covers; else by the words that the test shares with a task; else the first task. */
function taskOf(test: string, tasks: TaskPlan['tasks'], cases: TestSuite['cases']): string {
  const criterion = cases.find(({ name }) => test.includes(name))?.criterion;
  const byCriterion = tasks.find(({ acceptance }) => criterion !== undefined && acceptance.includes(criterion));
  if (byCriterion !== undefined) return byCriterion.id;
  const scores = tasks.map((task) => likeness(`${test} ${criterion ?? ''}`, wordsOf(task)));
  return tasks[scores.indexOf(Math.max(...scores))]!.id;
}

const wordsOf = ({ id, title, files, acceptance, tests_needed }: TaskPlan['tasks'][number]): Set<string> =>
  new Set(words([id, title, ...files, ...acceptance, ...tests_needed].join(' ')));

const likeness = (text: string, known: ReadonlySet<string>): number =>
  [...new Set(words(text))].filter((word) => known.has(word)).length;

const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]{3,}/g) ?? [];
