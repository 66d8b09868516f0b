// A test that changes its mind on the same tree is reported as flaky, and is no evidence: real git, the real sandbox.
import { existsSync } from 'node:fs';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { FileChange, TestRun, TestRunner } from '../../src/activities/ports';
import { createSandboxActivities } from '../../src/activities/sandbox';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { noSetup } from '../../src/adapters/setup/setup';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import type { Tested } from '../../src/domain/tasks';
import { bare, commit, ground, tip, worker } from '../adapters/git/ground';

const { trees, dependencies } = worker();
const sandbox = createSandbox({ scratch: ground });
const real = createTestRunner({ sandbox, cache: cacheFolder() });

async function tested(on: Record<string, string>, files: Record<string, string>, runner = real): Promise<Tested> {
  const repository = bare(on);
  const base = tip(repository);
  const changes = Object.entries(files).map(([path, content]): FileChange => ({ path, content }));
  const candidate = await commit({ trees } as ReturnType<typeof worker>, repository, base, changes);
  const { runTests } = createSandboxActivities({ trees, sandbox, runner, setup: noSetup, dependencies });
  return new MockActivityEnvironment().run(runTests, { repository, base, candidate });
}

const head = "const { test } = require('node:test'); const assert = require('node:assert');\n";
const solid = `${head}test('solid', () => assert.strictEqual(require('../src/b').v, 2));\n`;
// Of the runs of one tree, only one measures coverage: as good a coin as any, and it falls as it should.
const coin = 'process.env.NODE_V8_COVERAGE === undefined';
const fickle = `test('fickle', () => { require('../src/b'); assert.ok(${coin}); });\n`;
const code = { 'src/b.js': 'exports.v = 2;\n' };

test('beside certain tests it is reported, and counts neither for nor against', async () => {
  expect(
    await tested(
      { 'README.md': '' },
      { ...code, 'test/b.test.js': `${solid}test('more', () => assert.ok(require('../src/b').v));\n${fickle}` },
    ),
  ).toMatchObject({
    ...{ green: true, total: 2, passed: 2, failed: 0, flaky: ['test/b.test.js > fickle'], objections: [] },
  });
});

test('nothing but flaky tests, or as many as certain ones, prove nothing', async () => {
  const objections = ['changes its mind on the same tree, so it proves nothing: test/b.test.js > fickle'];
  for (const content of [head + fickle, solid + fickle])
    expect(await tested({ 'README.md': '' }, { ...code, 'test/b.test.js': content })).toMatchObject({
      ...{ green: false, cause: 'weak-tests', objections },
    });
});

test('the base’s list names flaky tests, and files of them; a candidate’s does not', async () => {
  const old = {
    'test/a.test.js': `${head}test('old', () => assert.ok(!require('node:fs').existsSync('src/b.js')));\n`,
  };
  const list = (name: string) => ({ '.millwright.yaml': `flaky: [${JSON.stringify(name)}]\n` });
  const change = { ...code, 'test/b.test.js': solid };
  for (const name of ['test/a.test.js > old', 'test/a.test.js'])
    expect(await tested({ ...old, ...list(name) }, change)).toMatchObject({
      green: true,
      flaky: ['test/a.test.js > old'],
    });
  expect(await tested({ ...old, ...list('test/a.test.js > other') }, change)).toMatchObject({
    green: false,
    flaky: [],
  });
  expect(await tested(old, { ...change, ...list('test/a.test.js') })).toMatchObject({ green: false, cause: 'failing' });
  expect(await tested({ ...old, '.millwright.yaml': 'flaky: yes\n' }, change)).toMatchObject({
    green: false,
    cause: 'base-broken',
  });
});

describe('a test of the base that changes its mind on the candidate', () => {
  const on = { 'test/a.test.js': `${head}test('old', () => {});\n` };
  const change = { ...code, 'test/b.test.js': solid };
  /** What the base's test says, in the order of the runs of base and candidate. */
  const scripted = (base: string, candidate: string): TestRunner => {
    const left = { base: [...base], candidate: [...candidate] };
    return {
      async run({ folder, files }): Promise<TestRun> {
        const run = await real.run({ folder, files, coverage: false });
        if (!files.includes('test/a.test.js')) return run;
        const at = existsSync(`${folder}/src/b.js`) ? 'candidate' : 'base';
        const outcome = left[at].shift() === '+' ? 'passed' : 'failed';
        return { ...run, cases: run.cases.map((test) => (test.name === 'old' ? { ...test, outcome } : test)) };
      },
    };
  };

  test('and on the base is flaky', async () => {
    expect(await tested(on, change, scripted('++-++', '-+'))).toMatchObject({
      ...{ green: true, flaky: ['test/a.test.js > old'], objections: [] },
    });
  });

  test('and never on the base was made so by the candidate', async () => {
    expect(await tested(on, change, scripted('+++++', '-+'))).toMatchObject({
      ...{ green: false, cause: 'failing', flaky: [] },
      objections: expect.arrayContaining([
        'passes each time on the base, and changes its mind on the candidate: test/a.test.js > old',
      ]),
    });
  });

  test('is not looked at again where it never does', async () => {
    expect(await tested(on, change, scripted('+', '++'))).toMatchObject({ green: true, flaky: [] });
    expect(await tested(on, change, scripted('+', '--'))).toMatchObject({ green: false, cause: 'failing', flaky: [] });
  });
});
