import type { TestCase, TestRun } from '../../src/domain/test-run';
import { verify, type Demand, type Runs } from '../../src/domain/verification';

const suite = ['test/new.test.js'];
const one = (file: string, name: string, outcome: TestCase['outcome'], error?: string): TestCase => ({
  id: `${file} › ${name}`,
  file,
  name,
  outcome,
  ...(error && { error }),
});
const ran = (cases: TestCase[], change: Partial<TestRun> = {}): TestRun => ({
  runner: 'node',
  complete: true,
  cases,
  unloadable: [],
  lines: [{ path: 'src/login.js', covered: 90, total: 100 }],
  command: 'node --test',
  output: '',
  ms: 1,
  ...change,
});
const old = (outcome: TestCase['outcome']) => one('test/old.test.js', 'adds', outcome);
const fresh = (outcome: TestCase['outcome'], error?: string) => one(suite[0]!, 'logs in', outcome, error);

const good: Runs = {
  baseline: ran([old('passed')]),
  regression: ran([old('passed')]),
  red: ran([], { unloadable: [{ file: suite[0]!, error: 'no such module', syntax: false }] }),
  green: ran([old('passed'), fresh('passed')]),
};
const sources = [{ path: 'src/login.js', lines: 80 }];
const verdict = (change: Partial<Runs>, coverage?: number, about: Partial<Demand> = {}) =>
  verify(
    { ...good, ...change },
    { own: ['test/old.test.js'], suite, sources, ...(coverage !== undefined && { coverage }), ...about },
  );

test('is green when the new tests fail on the base and pass on the candidate, and nothing old is lost', () => {
  expect(verdict({})).toMatchObject({
    green: true,
    objections: [],
    total: 2,
    passed: 2,
    failed: 0,
    recommendation: null,
  });
});

test.each<[string, Partial<Runs>, string, string]>([
  [
    'a failing new test goes to the implementer',
    { green: ran([old('passed'), fresh('failed', 'expected 200, got 500')]) },
    'failing',
    'fails: test/new.test.js › logs in — expected 200, got 500',
  ],
  [
    'a candidate whose run has no complete report',
    { green: ran([], { complete: false, trouble: 'the process ended before its report' }) },
    'failing',
    'the tests do not finish on the candidate: the process ended before its report',
  ],
  [
    'an old test that now fails',
    { regression: ran([old('failed')]), green: ran([old('failed'), fresh('passed')]) },
    'failing',
    'passed on the base and is failed on the candidate: test/old.test.js › adds',
  ],
  [
    'an old test that is gone',
    { regression: ran([]) },
    'failing',
    'passed on the base and is gone on the candidate: test/old.test.js › adds',
  ],
  [
    'an old test that is skipped now',
    { regression: ran([old('skipped')]) },
    'failing',
    'passed on the base and is skipped on the candidate: test/old.test.js › adds',
  ],
  [
    'old tests that do not finish',
    { regression: ran([old('passed')], { complete: false }) },
    'failing',
    "the base's tests do not finish on the candidate: no complete report",
  ],
  [
    'a new test that passes before the change',
    { red: ran([fresh('passed')]) },
    'weak-tests',
    'passes before the change, so it proves nothing: test/new.test.js › logs in',
  ],
  [
    'new tests that never end on the base',
    { red: ran([], { complete: false, trouble: 'stopped after 60 s' }) },
    'weak-tests',
    'the new tests do not finish on the base: stopped after 60 s',
  ],
  [
    'a test file that does not parse',
    { green: ran([old('passed')], { unloadable: [{ file: suite[0]!, error: 'Unexpected token', syntax: true }] }) },
    'weak-tests',
    'test/new.test.js does not load: Unexpected token',
  ],
  [
    'a test file that cannot find the code',
    { green: ran([old('passed')], { unloadable: [{ file: suite[0]!, error: 'no such module', syntax: false }] }) },
    'failing',
    'test/new.test.js does not load: no such module',
  ],
  ['a test file without a test', { green: ran([old('passed')]) }, 'weak-tests', 'test/new.test.js holds no test'],
  [
    'a skipped new test',
    { green: ran([old('passed'), fresh('skipped')]) },
    'weak-tests',
    'is skipped, so it proves nothing: test/new.test.js › logs in',
  ],
  [
    'a base whose own tests do not run',
    { baseline: ran([], { complete: false }) },
    'base-broken',
    "the base's own tests do not run on the base: no complete report",
  ],
])('%s', (_, change, cause, objection) => {
  const found = verdict(change);
  expect(found).toMatchObject({ green: false, cause });
  expect(found.objections).toContain(objection);
});

test.each([[[]], [['test/helpers.js']]])('without any test nothing is green: %j', (files) => {
  expect(verdict({ green: ran([old('passed')]) }, undefined, { suite: files })).toMatchObject({
    green: false,
    cause: 'weak-tests',
    objections: ['there are no tests'],
  });
});

test('helpers and fixtures beside the tests need no test in them, and a helper that has some is a test', () => {
  const files = [...suite, 'test/helpers.js', 'test/fixtures/u.json'];
  expect(verdict({}, undefined, { suite: files }).green).toBe(true);
  const passing = { red: ran([one('test/b.js', 'b', 'passed')]), green: ran([one('test/b.js', 'b', 'passed')]) };
  expect(verdict({ ...passing, baseline: undefined }, undefined, { suite: ['test/b.js'] }).objections).toEqual([
    'passes before the change, so it proves nothing: test/b.js › b',
  ]);
});

test('counts the new tests that are red on the base only because their file does not load there', () => {
  expect(verdict({}).redByLoading).toBe(1);
  expect(verdict({ red: ran([fresh('failed')]) }).redByLoading).toBe(0);
});

test('a file of the base that does not load on the base either is nobody’s fault here, but where none loads nothing is shown', () => {
  const broken = [{ file: 'test/broken.test.js', error: 'no such module\n  at all', syntax: false }];
  const beside = {
    baseline: ran([old('passed')], { unloadable: broken }),
    green: ran([old('passed'), fresh('passed')], { unloadable: broken }),
  };
  expect(verdict(beside)).toMatchObject({ green: true, objections: [] });
  expect(verdict({ ...beside, baseline: ran([], { unloadable: broken }) })).toMatchObject({
    cause: 'base-broken',
    objections: [
      expect.stringMatching(
        /^none of the base's own tests runs here.*: test\/broken\.test\.js does not load: no such module$/,
      ),
    ],
  });
});

test('a test that failed on the base already is nobody’s fault here, and is not counted', () => {
  const runs = {
    baseline: ran([old('failed')]),
    regression: ran([old('failed')]),
    green: ran([old('failed'), fresh('passed')]),
  };
  expect(verdict(runs)).toMatchObject({ green: true, total: 1, passed: 1, failed: 0 });
});

test('tests of the base that nothing runs guard nothing, and helpers of none need not run', () => {
  const unguarded = (own: string[]) => verdict({ baseline: ran([]) }, undefined, { own });
  expect(unguarded(['pkg/a_test.go'])).toMatchObject({
    cause: 'base-broken',
    objections: [expect.stringMatching(/^none of the base's own tests runs here.*: pkg\/a_test\.go$/)],
  });
  expect(unguarded(['test-utils.js', 'specs/api.md'])).toMatchObject({ green: true });
});

test('too little coverage goes to the tester, and so does coverage that nothing could measure', () => {
  expect(verdict({}, 95)).toMatchObject({
    cause: 'coverage',
    objections: ['line coverage is 90.0 %, and 95 % is demanded'],
  });
  expect(verdict({ green: ran([old('passed'), fresh('passed')], { lines: null }) }, 80)).toMatchObject({
    cause: 'coverage',
    objections: ['line coverage could not be measured, and 80 % is demanded'],
  });
  expect(verdict({}, 90).green).toBe(true);
});

test('coverage is of the files that the candidate changes, and one that was never loaded is not covered', () => {
  const lines = [
    { path: 'src/login.js', covered: 9, total: 10 },
    { path: 'src/legacy.js', covered: 0, total: 5000 },
  ];
  const green = ran([old('passed'), fresh('passed')], { lines });
  expect(verdict({ green }, 80)).toMatchObject({ green: true, coverage: 90 });
  const unloaded = [...sources, { path: 'src/unloaded.js', lines: 10 }];
  expect(verdict({ green }, 80, { sources: unloaded })).toMatchObject({ cause: 'coverage', coverage: 45 });
});

test('where no source file changes, no coverage is demanded', () => {
  expect(verdict({}, 95, { sources: [] })).toMatchObject({ green: true, coverage: null });
});

test('the same failure has the same fingerprint, also when its timing and its port differ', () => {
  const failing = (error: string) => verdict({ green: ran([old('passed'), fresh('failed', error)]) }).fingerprint;
  expect(failing('got 500 from :45123 after 12 ms')).toBe(failing('got 500 from :39001 after 7 ms'));
  expect(failing('got 500')).not.toBe(failing('got 404'));
});

test('a failure that comes with another value is another failure, and one that has only moved is the same', () => {
  const failing = (value: number, line: number) =>
    verdict({
      green: ran([
        old('passed'),
        fresh(
          'failed',
          `AssertionError: Expected values to be strictly equal:\n\n${value} !== 5\n\n    at /box/src/add.js:${line}:3`,
        ),
      ]),
    }).fingerprint;
  expect(failing(-1, 3)).toBe(failing(-1, 8));
  expect(failing(-1, 3)).not.toBe(failing(6, 3));
});
