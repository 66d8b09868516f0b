// What faults that were caught, and faults that were not, say of the tests.
import { judgeMutants, type Trial, type TriedFunction } from '../../src/domain/mutants';
import { addedLines } from '../../src/domain/patch';

const fault = (outcome: Trial['outcome'], more: Partial<Trial> = {}): Trial => ({
  ...{
    file: 'src/a.js',
    line: 1,
    kind: 'EqualityOperator',
    start: 0,
    end: 5,
    original: 'a < b',
    replacement: 'a <= b',
  },
  ...{ outcome, differs: null },
  ...more,
});
const times = (count: number, one: Trial) => Array.from({ length: count }, () => one);
const judged = (trials: readonly Trial[], functions: readonly TriedFunction[] = [], threshold = 0.8) =>
  judgeMutants({ trials, functions }, threshold);
const called = (calls: number, more: Partial<TriedFunction> = {}): TriedFunction => ({
  ...{ file: 'src/a.js', name: 'add', calls, arguments: 2 },
  ...more,
});

test('where all are caught, the tests are enough', () => {
  expect(judged(times(3, fault('caught')))).toMatchObject({ enough: true, score: 1, caught: 3, survivors: [] });
});

test('what survives is held against the tests, and named with its place and what stood there', () => {
  const found = judged([...times(3, fault('caught')), fault('survived', { line: 7 })]);
  expect(found).toMatchObject({ enough: false, score: 0.75, caught: 3, tried: 4, fingerprint: expect.any(String) });
  expect(found.survivors).toEqual([
    { file: 'src/a.js', line: 7, kind: 'EqualityOperator', original: 'a < b', replacement: 'a <= b', reached: true },
  ]);
});

test('what no call like those of the tests shows is taken for no fault', () => {
  const found = judged([...times(3, fault('caught')), fault('survived', { differs: 0 })]);
  expect(found).toMatchObject({ enough: true, score: 1, equivalent: 1, survivors: [] });
});

test('the more calls would have shown it, the more it counts, and the plainest comes first', () => {
  const plain = fault('survived', { differs: 1, line: 2 });
  const hidden = fault('survived', { differs: 0.01, line: 3 });
  const score = (survivor: Trial) => judged([...times(4, fault('caught')), survivor]).score!;
  expect(score(plain)).toBe(0.8);
  expect(score(hidden)).toBeGreaterThan(0.97);
  expect(judged([hidden, plain]).survivors.map(({ line }) => line)).toEqual([2, 3]);
});

test('a place that no test comes to counts in full, whatever other calls say of it', () => {
  const found = judged([...times(4, fault('caught')), fault('unreached', { differs: 0 })]);
  expect(found).toMatchObject({ score: 0.8, equivalent: 0, survivors: [expect.objectContaining({ reached: false })] });
});

test('a condition that no test needs counts more than a number that is off by one', () => {
  const score = (kind: string) => judged([...times(4, fault('caught')), fault('survived', { kind })]).score!;
  expect(score('ConditionalExpression')).toBeLessThan(score('OffByOne'));
});

test('few different calls are less than many, and of what takes no arguments one is all', () => {
  const score = (one: TriedFunction) => judged(times(9, fault('caught')), [one]).score!;
  expect(score(called(2))).toBeLessThan(score(called(9)));
  expect(score(called(1, { arguments: 0 }))).toBe(1);
  expect(judged(times(9, fault('caught')), [called(1), called(9, { name: 'sum' })]).narrow).toEqual([
    'add of src/a.js is called with 1 different list of arguments',
  ]);
});

test('where there is no fault to catch there is no score, and nothing is sent back', () => {
  expect(judged([])).toMatchObject({ enough: true, score: null });
  expect(judged([fault('survived', { differs: 0 })])).toMatchObject({ enough: true, score: null });
});

test('the same survivors are the same failure again; others are another', () => {
  const of = (replacement: string) => judged([fault('survived', { replacement })]).fingerprint;
  expect(of('a <= b')).toBe(of('a <= b'));
  expect(of('a <= b')).not.toBe(of('true'));
});

test('the lines that a patch adds are counted as the file has them afterwards', () => {
  const patch = [
    'diff --git a/x b/x',
    '--- a/x',
    '+++ b/x',
    '@@ -1,3 +1,4 @@',
    ' one',
    '-two',
    '+TWO',
    '+more',
    ' three',
    '@@ -9 +10,2 @@ f',
    ' nine',
    '+ten',
    '\\ No newline at end of file',
  ];
  expect(addedLines(patch.join('\n'))).toEqual([2, 3, 11]);
});
