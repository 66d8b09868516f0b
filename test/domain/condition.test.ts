// What a condition looks at, as far as can be seen before anything has run.
import { evaluateWhen, subjectsIn } from '../../src/domain/condition';

test.each([
  ['change.lines > 10', ['change']],
  ['!test.green && request.agreePlan', ['test', 'request']],
  ['change.kind == "a.b" || change.kind == \'c.d\'', ['change']],
  ['verify.coverage > 80.5', ['verify']],
  ['plan.tasks.exists(task, task.name == "a") || plan.tasks.size() > 3', ['plan']],
])('%s is about %j', (expression, subjects) => {
  expect(subjectsIn(expression)).toEqual(subjects);
});

test('a variable that an expression binds itself has a value there', () => {
  const facts = { plan: { tasks: [{ name: 'a' }] } };
  expect(evaluateWhen('plan.tasks.exists(task, task.name == "a")', facts)).toBe(true);
});
