import type { TaskPlan } from '../../src/domain/artifacts/task-plan';
import { bugTasks } from '../../src/domain/bug-tasks';

const task = (id: string, acceptance: string[], files: string[]): TaskPlan['tasks'][number] => ({
  ...{ id, title: id, priority: 1, files, interfaces: [], acceptance, mocks: [] },
  ...{ complexity: 'low', tests_needed: [] },
});
const plan = {
  tasks: [task('adding', ['two numbers are added'], ['src/add.js']), task('taking', ['one is taken'], ['src/take.js'])],
};
const failure = (test: string) => ({ test, error: '4 !== 5', location: '', repro_input: 'node --test x' });
const tasksOf = (tests: string[], cases: Parameters<typeof bugTasks>[1]['cases'] = []) =>
  bugTasks(tests.map(failure), { plan, cases, round: '2' }).map((bug) => bug.task);

test('a bug belongs to the task whose criterion its test covers', () => {
  const cases = [{ name: 'odd one', kind: 'unit' as const, criterion: 'one is taken' }];
  expect(tasksOf(['test/x.test.js > odd one'], cases)).toEqual(['taking']);
});

test('or to the one whose words and files it shares, or to the first', () => {
  expect(tasksOf(['test/take.test.js > works', 'test/add.test.js > works', '???'])).toEqual([
    ...['taking', 'adding', 'adding'],
  ]);
});

test('each has an id of its own, the error and how to see it again', () => {
  expect(bugTasks([failure('a'), failure('b')], { plan, cases: [], round: '3' })).toEqual([
    { id: 'bug-3-1', task: 'adding', test: 'a', error: '4 !== 5', repro_input: 'node --test x' },
    { id: 'bug-3-2', task: 'adding', test: 'b', error: '4 !== 5', repro_input: 'node --test x' },
  ]);
});
