// A repository's own test command, run in the real sandbox, and the JUnit and lcov reports that it writes.
import { rmSync } from 'node:fs';
import { outcomes, runTests, scratch } from './folder';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const settings = (run: string) =>
  `tests: { run: ${JSON.stringify(run)}, junit: reports/junit.xml, coverage: reports/lcov.info }`;
const junit = `<?xml version="1.0"?>
<testsuites>
  <testsuite name="sums" tests="4">
    <testcase name="adds &amp; more" classname="test.sums"/>
    <testcase name="fails" file="test/other.test.js" line="4"><failure message="expected 3">at &lt;anonymous&gt;</failure></testcase>
    <testcase name="later" classname="test.sums"><skipped/></testcase>
    <testsuite file="/box/test/inner.test.js" tests="1"><testcase name="deep"><error>broke</error></testcase></testsuite>
  </testsuite>
  <testsuite name="none"/>
</testsuites>`;
const lcov = 'SF:src/sums.js\nDA:1,1\nDA:2,0\nDA:3,4\nend_of_record\nSF:/box/test/sums.js\nDA:1,0\nend_of_record\n';
const write = 'mkdir -p reports; cp in.xml reports/junit.xml; cp in.info reports/lcov.info';
const repository = (run: string, xml = junit) => ({
  '.millwright.yaml': settings(run),
  'in.xml': xml,
  'in.info': lcov,
  'test/sums.js': '',
});

test('reads the reports, and knows a file by its attribute or its class', async () => {
  const run = await runTests(repository(`${write}; exit 1`));
  expect(outcomes(run)).toEqual({
    'test/sums.js > test.sums > adds & more': 'passed',
    'test/other.test.js > sums > fails': 'failed',
    'test/sums.js > test.sums > later': 'skipped',
    'test/inner.test.js > deep': 'failed',
  });
  expect(run).toMatchObject({ runner: 'own command', complete: true });
  expect(run.lines).toEqual([{ path: 'src/sums.js', covered: 2, total: 3 }]);
  expect(run.cases[1]).toMatchObject({ location: 'test/other.test.js:4', error: 'expected 3\nat <anonymous>' });
});

test('keeps to the named files, of a run of all', async () => {
  const run = await runTests(repository(`${write}; exit 1`), { only: ['test/sums.js'] });
  expect(run.cases.map(({ file }) => file)).toEqual(['test/sums.js', 'test/sums.js']);
});

test('does not take a report that was there before', async () => {
  const run = await runTests({ ...repository('true'), 'reports/junit.xml': junit });
  expect(run).toMatchObject({
    complete: false,
    cases: [],
    trouble: 'own command: it did not write reports/junit.xml (exit code 0)',
  });
});

test.each([
  ['is cut off', junit.slice(0, 300), 'not XML'],
  ['is something else', '<html><body/></html>', 'not one'],
  [
    'lists fewer tests than it speaks of',
    '<testsuite tests="2"><testcase name="a"/></testsuite>',
    'speaks of 2 tests and lists 1',
  ],
  ['defines entities', `<!DOCTYPE x [<!ENTITY a "b">]>${junit}`, 'document type'],
  [
    'hides a failure that the exit code shows',
    '<testsuite><testcase name="a"/></testsuite>',
    'exit code 1 does not fit',
  ],
])('is not complete when the report %s', async (_, xml, trouble) => {
  const run = await runTests(repository(`${write}; exit 1`, xml));
  expect(run).toMatchObject({ complete: false, cases: [], trouble: expect.stringContaining(trouble) });
});

test('says so where Node’s own reporter names no file', async () => {
  const reporter =
    'mkdir -p reports; node --test --test-reporter=junit --test-reporter-destination=reports/junit.xml test/*.js';
  const passing = "require('node:test')('a', () => {})";
  const run = await runTests({
    '.millwright.yaml': settings(reporter),
    'test/a.test.js': passing,
    'test/b.test.js': passing,
  });
  expect(run).toMatchObject({
    complete: false,
    cases: [],
    trouble:
      'own command: the JUnit report does not say which file "a" is in, as that of Node’s own reporter does not; tests for node:test need no command',
  });
});

test.each([
  ['is not YAML', 'tests: {'],
  ['names a file outside', 'tests: { run: "true", junit: ../junit.xml }'],
  ['has an unknown key', 'tests: { run: "true", junit: a.xml, unit: 1 }'],
])('is not complete when .millwright.yaml %s', async (_, content) => {
  expect(await runTests({ '.millwright.yaml': content })).toMatchObject({
    complete: false,
    trouble: expect.stringContaining('.millwright.yaml is broken'),
  });
});

test('looks for tests itself when .millwright.yaml names no command', async () => {
  expect(await runTests({ '.millwright.yaml': 'flaky: []' })).toMatchObject({ runner: 'none', complete: true });
});

test('says which word of .millwright.yaml it does not know: misspelt, it would ask for nothing', async () => {
  expect(await runTests({ '.millwright.yaml': 'protcted: [infra/]' })).toMatchObject({
    complete: false,
    trouble: expect.stringMatching(/\.millwright\.yaml is broken: .*"protcted"/),
  });
});
