import { readConfig } from '../../src/workers/config';

test('the number of test runs at once is the operator’s to say', () => {
  expect(readConfig({ MILLWRIGHT_TEST_RUNS: '3' }).testRuns).toBe(3);
  expect(readConfig({ MILLWRIGHT_TEST_RUNS: '' }).testRuns).toBeUndefined();
  expect(readConfig({}).testRuns).toBeUndefined();
});

test.each(['0', '-1', '1.5', 'many', '1000'])('and %s is none', (said) => {
  const reading = () => readConfig({ MILLWRIGHT_TEST_RUNS: said });
  expect(reading).toThrow(/expected a whole number from 1 to 999\s+→ at MILLWRIGHT_TEST_RUNS/);
});
