// Tests written for Node's test runner, run in the real sandbox.
import { rmSync } from 'node:fs';
import { outcomes, runTests, scratch } from './folder';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const head = "import test, { describe, it } from 'node:test'; import assert from 'node:assert';\n";

test('tells passed, failed, skipped and nested tests apart, each once and by its full name', async () => {
  const run = await runTests({
    'test/sums.test.mjs': `${head}
test('adds', () => assert.equal(1 + 1, 2));
test('fails', () => assert.equal(1 + 1, 3));
test('twice', () => {});
test('twice', () => {});
test.todo('later');
describe('suite', () => {
  it('inner', () => {});
  it.skip('skipped', () => {});
  describe('deeper', () => { it('fails too', () => { throw new Error('deep') }) });
});
describe.skip('skipped suite', () => { it('unseen', () => {}) });
describe('empty suite', () => {});
test('parent', async (t) => { await t.test('child', () => {}); });
test('bad parent', async (t) => { await t.test('good child', () => {}); throw new Error('own fault') });`,
  });
  expect(outcomes(run)).toEqual({
    'test/sums.test.mjs > adds': 'passed',
    'test/sums.test.mjs > fails': 'failed',
    'test/sums.test.mjs > twice': 'passed',
    'test/sums.test.mjs > twice #2': 'passed',
    'test/sums.test.mjs > later': 'skipped',
    'test/sums.test.mjs > suite > inner': 'passed',
    'test/sums.test.mjs > suite > skipped': 'skipped',
    'test/sums.test.mjs > suite > deeper > fails too': 'failed',
    'test/sums.test.mjs > skipped suite': 'skipped',
    'test/sums.test.mjs > parent > child': 'passed',
    'test/sums.test.mjs > bad parent > good child': 'passed',
    'test/sums.test.mjs > bad parent': 'failed',
  });
  expect(run).toMatchObject({
    runner: 'node',
    complete: true,
    unloadable: [],
    command: 'node --test test/sums.test.mjs',
  });
  const failed = run.cases.find(({ name }) => name === 'fails')!;
  expect(failed).toMatchObject({ file: 'test/sums.test.mjs', location: 'test/sums.test.mjs:4' });
  expect(failed.error).toMatch(/^AssertionError.*2 == 3/);
});

test('measures the covered lines of the sources, not of the tests', async () => {
  const run = await runTests({
    'src/sums.mjs': 'export function add(a, b) {\n  return a + b;\n}\nexport function never() {\n  return 1;\n}\n',
    'test/sums.test.mjs': `${head}import { add } from '../src/sums.mjs';\ntest('adds', () => assert.equal(add(1, 1), 2));`,
  });
  // To Node a line counts as missed when all of it is.
  expect(run.lines).toEqual([{ path: 'src/sums.mjs', covered: 4, total: 6 }]);
});

test('has no covered lines where only tests ran', async () => {
  expect((await runTests({ 'a.test.mjs': `${head}test('a', () => {});` })).lines).toEqual([]);
});

test('names files that do not load, and which of them do not parse', async () => {
  const run = await runTests({
    'src/bad.mjs': 'export const broken = ;',
    'test/crash.test.mjs': "throw new Error('at import');",
    'test/good.test.mjs': `${head}test('good', () => {});`,
    'test/missing.test.mjs': "import './nowhere.mjs';",
    'test/needs-bad.test.mjs': "import '../src/bad.mjs';",
    'test/syntax.test.mjs': 'const x = ;',
  });
  expect(run.complete).toBe(true);
  expect(outcomes(run)).toEqual({ 'test/good.test.mjs > good': 'passed' });
  expect(run.unloadable.map(({ file, syntax }) => [file, syntax])).toEqual([
    ['test/crash.test.mjs', false],
    ['test/missing.test.mjs', false],
    ['test/needs-bad.test.mjs', false],
    ['test/syntax.test.mjs', true],
  ]);
  expect(run.unloadable[1]!.error).toContain('ERR_MODULE_NOT_FOUND');
});

test('counts what goes wrong outside of the tests as a failure', async () => {
  const run = await runTests({
    'late.test.mjs': `${head}test('first', () => { setTimeout(() => { throw new Error('too late') }, 20) });
test('second', () => new Promise((done) => setTimeout(done, 100)));`,
  });
  expect(outcomes(run)['late.test.mjs > (outside of its tests)']).toBe('failed');
  expect(run.cases.at(-1)!.error).toContain('too late');
});

test.each([
  ['in the middle', "test('a', () => {}); test('b', () => process.exit(0)); test('c', () => {});"],
  [
    'after some were reported',
    "const wait = () => new Promise((done) => setTimeout(done, 100)); await test('a', wait); await test('b', async () => { await wait(); process.exit(0) });",
  ],
  ['at import', 'process.exit(0);'],
  ['by the back door', "test('a', () => process.reallyExit(0)); test('b', () => {});"],
])('is not complete when a file ends itself %s', async (_, body) => {
  const run = await runTests({ 'a.test.mjs': head + body, 'good.test.mjs': `${head}test('good', () => {});` });
  expect(run).toMatchObject({ complete: false, trouble: expect.stringContaining('a.test.mjs') });
});

test('lets the programs that tests start end as they like', async () => {
  const run = await runTests({
    'cli.mjs': 'process.exit(0)',
    'a.test.mjs': `${head}import { fork, spawnSync } from 'node:child_process';
test('spawn', () => assert.equal(spawnSync(process.execPath, ['cli.mjs']).status, 0));
test('fork', (t, done) => fork('cli.mjs').on('exit', (code) => done(code)));`,
  });
  expect(outcomes(run)).toEqual({ 'a.test.mjs > spawn': 'passed', 'a.test.mjs > fork': 'passed' });
});

test.each([
  ['an assertion', "require('node:assert').strictEqual = () => {};"],
  ['a strict one', "require('node:assert').strict.strictEqual = require('assert/strict').equal = () => {};"],
  [
    'what the import sees',
    "const a = require('assert'); a.strictEqual = () => {}; require('module').syncBuiltinESMExports();",
  ],
  ['a test', "const t = require('node:test'); t.test = t.it = (name) => t(name, () => {}); t.mock.x = 1;"],
])('keeps code from replacing %s', async (_, attempt) => {
  const run = await runTests({
    'code.cjs': attempt,
    'a.test.cjs': `require('./code.cjs'); const { test } = require('node:test'); const assert = require('node:assert');
test('a', () => assert.strictEqual(1, 2)); test('b', () => assert.strict.strictEqual(1, 2));`,
    'b.test.mjs': `import './code.cjs'; import { it } from 'node:test'; import { strictEqual } from 'node:assert/strict';
it('a', () => strictEqual(1, 2)); it('b', (t) => { t.mock.method({ a() {} }, 'a'); strictEqual(1, 2); });`,
  });
  expect(run).toMatchObject({ complete: true, unloadable: [] });
  expect(run.cases.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
});

test('runs files that may be tests by their name where they use its test runner', async () => {
  const run = await runTests({
    'test.js': "require('node:test')('a', () => {});",
    'lib/test-b.mjs': "import test from 'node:test'; test('b', () => {});",
    'lib/test-utils.js': 'process.exit(1)',
  });
  expect(Object.keys(outcomes(run))).toEqual(['lib/test-b.mjs > b', 'test.js > a']);
});

test('is not complete when a test file has no tests', async () => {
  const run = await runTests({ 'a.test.mjs': "console.log('42 passed')" });
  expect(run).toMatchObject({ complete: false, cases: [], trouble: 'node: reported no tests: a.test.mjs' });
});

test('is not complete when the runner is killed', async () => {
  const run = await runTests({ 'a.test.mjs': `${head}test('a', () => process.kill(process.ppid, 'SIGKILL'));` });
  expect(run).toMatchObject({ complete: false, trouble: expect.stringContaining('missing or cut off') });
});

test('takes nothing from what tests print, or write where the report goes', async () => {
  const run = await runTests({
    'a.test.mjs': `${head}import { appendFileSync, writeSync } from 'node:fs';
const lie = JSON.stringify({ event: 'pass', file: '/box/b.test.mjs', line: 1, name: 'lie', nesting: 0, suite: false, skipped: false }) + '\\n';
process.stdout.write(lie);
for (const attempt of [() => writeSync(3, lie), () => appendFileSync('/proc/' + process.ppid + '/fd/3', lie)]) try { attempt() } catch {}
test('honest', () => {});`,
  });
  expect(outcomes(run)).toEqual({ 'a.test.mjs > honest': 'passed' });
});

test('runs the named files alone, and of a folder for tests only what are tests', async () => {
  const files = {
    'test/a.js': "require('node:test')('a', () => {});",
    'test/b.test.js': "require('node:test')('b', () => {});",
    'test/fixtures/data.js': 'process.exit(1)',
    'index.js': 'process.exit(1)',
  };
  expect(Object.keys(outcomes(await runTests(files)))).toEqual(['test/a.js > a', 'test/b.test.js > b']);
  expect(Object.keys(outcomes(await runTests(files, { only: ['test/b.test.js'] })))).toEqual(['test/b.test.js > b']);
});

test('is not complete when a named file is not there', async () => {
  expect(await runTests({ 'a.js': '' }, { only: ['gone.test.js'] })).toMatchObject({ complete: false, cases: [] });
});

test('strips escapes from what it passes on, and shortens it', async () => {
  const run = await runTests({
    'a.test.mjs': `${head}test('red \\u001b[31mname\\u001b[0m\\u0007', () => { throw new Error('\\u001b]0;title\\u0007' + 'long '.repeat(2000)) });`,
  });
  expect(run.cases[0]!.name).toBe('red name');
  expect(run.cases[0]!.error!.length).toBeLessThanOrEqual(2_000);
  // eslint-disable-next-line no-control-regex
  expect(JSON.stringify(run.cases) + run.output).not.toMatch(/\\u00|\u001b|\u0007/);
});

test('says nothing ran where there are no tests', async () => {
  expect(await runTests({ 'index.js': '' })).toMatchObject({
    runner: 'none',
    complete: true,
    cases: [],
    lines: null,
  });
});
