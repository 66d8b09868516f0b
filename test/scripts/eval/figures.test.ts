// What an evaluation makes of a file of tasks, and of how they were delivered.
import type { Delivered } from '../../../scripts/eval/delivery';
import { figuresOf } from '../../../scripts/eval/figures';
import { figureLines } from '../../../scripts/eval/lines';
import { tasksIn } from '../../../scripts/eval/tasks';
import { task } from './tasks';

const delivered = (code: 'good' | 'buggy', tests: 'strong' | 'weak', more: Partial<Delivered> = {}): Delivered => ({
  ...{ code, tests, mutants: true, outcome: 'merged', ms: 2_000, runs: 5, sent_back: false },
  ...more,
});
const saying = (score: number | null) => ({
  mutants_said: { score, share: score, breadth: 1, tried: 9, caught: 9, equivalent: 0, ms: 100 },
});

test('a file is read task by task', () => {
  expect(tasksIn(`${JSON.stringify(task('sum'))}\n\n${JSON.stringify(task('other'))}\n`)).toHaveLength(2);
});

test.each<[string, string, number, RegExp]>([
  ['what is no JSON', '{"id": "a"', 1, /^not JSON: /],
  ['a field that is missing', `${JSON.stringify(task('a'))}\n{"id":"b"}`, 2, /^request: /],
  [
    'a path that leads out',
    JSON.stringify({ ...task('a'), good: [{ path: '../x', content: '' }] }),
    1,
    /^good\.0\.path: /,
  ],
  [
    'two tasks of one name',
    `${JSON.stringify(task('a'))}\n${JSON.stringify(task('a'))}`,
    2,
    /there is a task "a" already/,
  ],
  ['nothing', '\n', 1, /there is no task in it/],
])('%s is named with its line', (_, text, line, message) => {
  expect(() => tasksIn(text)).toThrow(expect.objectContaining({ line, message: expect.stringMatching(message) }));
});

test('the curve counts what is under each threshold, and no score is under none', () => {
  const deliveries = [
    delivered('good', 'strong', saying(0.95)),
    delivered('good', 'strong', saying(null)),
    delivered('good', 'strong', { ...saying(0.6), outcome: 'refused', sent_back: true }),
    delivered('buggy', 'weak', { ...saying(0.4), outcome: 'refused', sent_back: true }),
    delivered('buggy', 'weak', { ...saying(0.9) }),
    delivered('buggy', 'weak', { outcome: 'refused' }),
    delivered('buggy', 'strong', { outcome: 'lost' }),
  ];
  const figures = figuresOf([{ id: 'a', deliveries }], 0.87);
  const at = (threshold: number) => figures.curve.find((point) => point.threshold === threshold);
  expect(at(0.5)).toMatchObject({ good: { count: 0, of: 3 }, buggy: { count: 1, of: 2 } });
  expect(at(0.87)).toMatchObject({ good: { count: 1, of: 3 }, buggy: { count: 1, of: 2 } });
  expect(at(1)).toMatchObject({ good: { count: 2, of: 3 }, buggy: { count: 2, of: 2 } });
  expect(figures.found).toEqual({ of: 1, count: 1 });
  expect(figures.lost).toEqual(['a buggy-strong-mutants']);
  expect(figures.ways.find((way) => way.code === 'buggy' && way.tests === 'weak' && way.mutants)).toMatchObject({
    merged: { count: 1, of: 3 },
  });
  expect(figureLines(figures).find((line) => line.startsWith('→'))).toMatch(/0\.87 .*1 of 3 \(33\.3 %\) .*1 of 2/);
});
