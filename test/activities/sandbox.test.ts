// What the tests of a candidate show, with real git and the real sandbox: what judges it is the base's, and so is what is merged.
import { MockActivityEnvironment } from '@temporalio/testing';
import type { FileChange, TestRun } from '../../src/activities/ports';
import { createSandboxActivities } from '../../src/activities/sandbox';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { noSetup } from '../../src/adapters/setup/setup';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import type { Tested } from '../../src/domain/tasks';
import { bare, commit, ground, tip, worker } from '../adapters/git/ground';

const { trees, dependencies } = worker();
const sandbox = createSandbox({ scratch: ground });
const runner = createTestRunner({ sandbox, cache: cacheFolder() });
const { runTests } = createSandboxActivities({ trees, sandbox, runner, setup: noSetup, dependencies });

/** The candidate's files over the base's; null removes one. */
type Files = Record<string, string | null>;

async function tested(on: Record<string, string>, candidate: Files, coverage?: number): Promise<Tested> {
  const repository = bare(on);
  const base = tip(repository);
  const changes = Object.entries(candidate).map(([path, content]): FileChange =>
    content === null ? { path, deleted: true } : { path, content },
  );
  const task = {
    repository,
    base,
    candidate: await commit({ trees } as ReturnType<typeof worker>, repository, base, changes),
  };
  return new MockActivityEnvironment().run(runTests, { ...task, ...(coverage !== undefined && { coverage }) });
}

const checks = (file: string, value: number) =>
  `const test = require('node:test'); const assert = require('node:assert');
test('${file} is ${value}', () => assert.strictEqual(require('../src/${file}').v, ${value}));\n`;

const base = { 'src/a.js': 'exports.v = 1;\n', 'test/a.test.js': checks('a', 1) };
const sound = { 'src/b.js': 'exports.v = 2;\n', 'test/b.test.js': checks('b', 2) };

test('a sound candidate is green, with the tester’s helpers and fixtures beside its tests', async () => {
  const helpers = { 'test/helpers.js': 'exports.x = 1;\n', 'test/fixtures/u.json': '{}\n', 'tests/__init__.py': '' };
  expect(await tested(base, { ...sound, ...helpers }, 80)).toMatchObject({
    ...{ green: true, objections: [], total: 2, passed: 2, coverage: 100, redByLoading: 0 },
  });
});

describe('what judges the candidate stays as it is on the base', () => {
  const own = { ...base, 'pytest.ini': '[pytest]\n', 'test.js': 'exports;\n', 'app/tests.py': 'x = 1\n' };
  test.each<[string, Files, string, string]>([
    ['a test that is changed', { 'test/a.test.js': '// nothing\n' }, 'weak-tests', 'test/a.test.js'],
    ['a test that is gone', { 'test/a.test.js': null }, 'weak-tests', 'test/a.test.js'],
    ['one by another runner’s name', { 'app/tests.py': null }, 'weak-tests', 'app/tests.py'],
    ['one at the root', { 'test.js': null }, 'weak-tests', 'test.js'],
    ['a runner’s settings that are changed', { 'pytest.ini': '[pytest]\nx = 1\n' }, 'failing', 'pytest.ini'],
    ['settings that the base does not have', { '.millwright.yaml': 'tests: {}\n' }, 'failing', '.millwright.yaml'],
    ['of both, first the implementer’s', { 'test.js': null, 'pytest.ini': null }, 'failing', 'pytest.ini'],
  ])('%s', async (_, change, cause, path) => {
    const found = await tested(own, { ...sound, ...change });
    expect(found).toMatchObject({ green: false, cause, total: 0 });
    expect(found.objections.join('\n')).toMatch(`${path}: `);
  });

  test('the scripts of package.json, too', async () => {
    const scripts = (words: string) => JSON.stringify({ scripts: { test: words } });
    const found = await tested(
      { ...base, 'package.json': scripts('node --test') },
      { ...sound, 'package.json': scripts('true') },
    );
    expect(found).toMatchObject({
      green: false,
      cause: 'failing',
      objections: [expect.stringMatching(/^package\.json: /)],
    });
  });
});

test.each([
  ['src/a.js', 'failing'],
  ['test/b.test.js', 'weak-tests'],
])('conflict markers left in %s are an objection', async (path, cause) => {
  const markers = '/*\n<<<<<<< ours\n=======\n>>>>>>> theirs\n*/\nexports.v = 1;\n';
  expect(await tested(base, { ...sound, [path]: markers })).toMatchObject({
    ...{ green: false, cause, objections: [`${path}: conflict markers are left in it`] },
  });
});

describe('coverage', () => {
  const legacy = { ...base, 'src/a.js': `exports.v = 1;\nif (exports.v > 1) {\n${'  exports.v++;\n'.repeat(200)}}\n` };

  test('is of the files that the candidate changes, whatever the others are like', async () => {
    expect(await tested(legacy, sound, 80)).toMatchObject({ green: true, coverage: 100 });
  });

  test('counts a file that was never loaded as not covered', async () => {
    expect(
      await tested(base, { ...sound, 'src/never.js': 'exports.v = 3;\n\nexports.w = 4;\nexports.x = 5;\n' }, 80),
    ).toMatchObject({
      ...{
        green: false,
        cause: 'coverage',
        coverage: 25,
        objections: ['line coverage is 25.0 %, and 80 % is demanded'],
      },
    });
  });
});

test('says how many tests are red on the base only because their file does not load there', async () => {
  const loading = `require('../src/b.js'); ${checks('b', 2)} test('everything works', () => {});\n`;
  expect(await tested(base, { ...sound, 'test/b.test.js': loading })).toMatchObject({ green: true, redByLoading: 2 });
});

test('however much tests say, and however many there are, one payload takes what is found of them', async () => {
  const long = '…'.repeat(5_000);
  const cases = (outcome: 'passed' | 'failed') =>
    Array.from({ length: 3_000 }, (_, at) => {
      const name = `${at} ${long.slice(0, 300)}`;
      const error = outcome === 'failed' && { error: long, location: `test/b.test.js:${long}` };
      return { id: `test/b.test.js > ${name}`, file: 'test/b.test.js', name, outcome, ...error };
    });
  const ran = { ...{ complete: true, unloadable: [], lines: null, ms: 1, output: '' }, command: long, runner: 'node' };
  const run = (outcome: 'passed' | 'failed') => ({ ...ran, cases: cases(outcome) }) as unknown as TestRun;
  const about = async (...outcomes: ('passed' | 'failed')[]): Promise<Tested> => {
    const runs = outcomes.map(run);
    const activities = createSandboxActivities({
      ...{ trees, sandbox, setup: noSetup, dependencies },
      runner: { run: async () => runs.shift()! },
    });
    const repository = bare(base);
    const changes = Object.entries(sound).map(([path, content]) => ({ path, content }));
    const candidate = await commit({ trees } as ReturnType<typeof worker>, repository, tip(repository), changes);
    const task = { repository, base: tip(repository), candidate };
    return new MockActivityEnvironment().run(activities.runTests, task);
  };
  // On the base, on the candidate, the new ones on the base, all on the candidate, and the new ones again.
  const failing = await about('passed', 'failed', 'failed', 'failed', 'failed');
  const flaky = await about('passed', 'passed', 'failed', 'passed', 'failed');
  for (const found of [failing, flaky]) expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(256_000);
  expect(failing.failures).toHaveLength(30);
  expect(flaky).toMatchObject({ green: false, cause: 'weak-tests', flakyCount: 3_000 });
  expect(flaky.flaky.at(-1)).toMatch(/^and 29\d\d more$/);
});
