// Tests cannot be gamed: what an implementer or a tester may try with files, judged on real git in the real sandbox.
import { MockActivityEnvironment } from '@temporalio/testing';
import type { FileChange } from '../../src/activities/ports';
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

type Files = Record<string, string | null>;
async function tested(on: Record<string, string>, candidate: Files): Promise<Tested> {
  const repository = bare(on);
  const changes = Object.entries(candidate).map(([path, content]): FileChange =>
    content === null ? { path, deleted: true } : { path, content },
  );
  const base = tip(repository);
  const proposed = await commit({ trees } as ReturnType<typeof worker>, repository, base, changes);
  return new MockActivityEnvironment().run(runTests, { repository, base, candidate: proposed });
}

const js = (name: string, body: string) =>
  `const { test } = require('node:test'); const assert = require('node:assert');\n${name}(${body});\n`;
const checks = (file: string, value: number) =>
  js('test', `'${file} is ${value}', () => assert.strictEqual(require('../src/${file}').v, ${value})`);
const py = (value: number) => `import a\ndef test_a():\n    assert a.v == ${value}\n`;
const base = {
  'src/a.js': 'exports.v = 1;\n',
  'test/a.test.js': checks('a', 1),
  'a.py': 'v = 1\n',
  'tests/test_a.py': py(1),
  'pyproject.toml': '[project]\nname = "a"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n',
};
const broken = { 'src/a.js': 'exports.v = 7;\n', 'a.py': 'v = 7\n' };
const sound = { 'src/b.js': 'exports.v = 2;\n', 'test/b.test.js': checks('b', 2) };

test('a sound candidate is green', async () => {
  const harmless = { 'pyproject.toml': base['pyproject.toml'].replace('"a"', '"b"') };
  expect(await tested(base, { ...sound, ...harmless })).toMatchObject({ green: true, objections: [] });
});

describe('the base’s tests judge a candidate as they are', () => {
  test.each<[string, Files]>([
    ['deleted', { 'test/a.test.js': null, 'tests/test_a.py': null }],
    ['renamed', { 'test/a.test.js': null, 'test/a.js': checks('a', 7), 'tests/test_a.py': null, 'tests/a.py': py(7) }],
    [
      'skipped',
      {
        'test/a.test.js': js('test.skip', "'a', () => {}"),
        'tests/test_a.py': `import pytest\n@pytest.mark.skip\n${py(1)}`,
      },
    ],
    ['weakened', { 'test/a.test.js': checks('a', 7), 'tests/test_a.py': py(7) }],
    ['made vacuous', { 'test/a.test.js': js('test', "'a is 1', () => {}"), 'tests/test_a.py': 'def test_a(): pass\n' }],
    ['left as they are, which fails', {}],
    ['with a conftest.py that turns them green', { 'conftest.py': 'collect_ignore_glob = ["*"]\n' }],
    ['with one further in', { 'tests/conftest.py': 'collect_ignore_glob = ["*"]\n' }],
    ['with settings of pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\npython_functions = "none_*"\n' }],
    [
      'with settings of pytest, spelled otherwise',
      { 'pyproject.toml': '[tool]\n"py\\u0074est" = { ini_options = { python_functions = "none" } }\n' },
    ],
    ['with settings of pytest in setup.cfg', { 'setup.cfg': '[tool:pytest]\npython_files = none_*\n' }],
    ['with a sitecustomize.py', { 'sitecustomize.py': 'import os; os._exit(0)\n' }],
    ['with other settings of npm', { '.npmrc': 'node-options=--require ./x.js\n' }],
    ['with a command of its own', { '.millwright.yaml': 'tests: { run: "true", junit: a.xml }\n' }],
  ])('%s', async (_, change) => {
    expect(await tested(base, { ...sound, ...broken, ...change })).toMatchObject({ green: false });
  });
});

describe('new tests prove nothing', () => {
  test.each<[string, Record<string, string>, string]>([
    ['that are none', { 'test/b.test.js': "console.log('42 passed')\n" }, 'weak-tests'],
    ['that are empty', { 'test/b.test.js': js('test', "'b', () => {}") }, 'weak-tests'],
    ['that assert what is always so', { 'test/b.test.js': js('test', "'b', () => assert.ok(true)") }, 'weak-tests'],
    [
      'that are skipped',
      { 'test/b.test.js': js('test.skip', "'b', () => assert.strictEqual(require('../src/b').v, 2)") },
      'weak-tests',
    ],
    [
      'that are still to be written',
      { 'test/b.test.js': js('test.todo', "'b', () => assert.strictEqual(require('../src/b').v, 2)") },
      'weak-tests',
    ],
    [
      'that end their process',
      { 'test/b.test.js': `require('../src/b'); process.exit(0)\n${checks('b', 2)}` },
      'failing',
    ],
    [
      'that are not there on the candidate',
      {
        'test/b.test.js': `${checks('b', 2)}if (!require('node:fs').existsSync('src/b.js')) test('more', () => assert.ok(false));\n`,
      },
      'failing',
    ],
  ])('%s', async (_, suite, cause) => {
    expect(await tested(base, { 'src/b.js': 'exports.v = 2;\n', ...suite })).toMatchObject({ green: false, cause });
  });

  test('for no file, or none that is a test', async () => {
    expect(await tested(base, { 'src/b.js': 'exports.v = 2;\n' })).toMatchObject({ green: false, cause: 'weak-tests' });
  });
});

describe('a command of the repository’s own', () => {
  const run = `const fs = require('fs'); fs.mkdirSync('out', { recursive: true }); let bad = '';
try { require('./test/a.test.js'); } catch (error) { bad = '<failure>' + error.name + '</failure>'; }
fs.writeFileSync('out/junit.xml', '<testsuite><testcase name="a" file="test/a.test.js">' + bad + '</testcase></testsuite>'); if (bad) process.exitCode = 1;`;
  const own = {
    '.millwright.yaml': 'tests: { run: "node run.js", junit: out/junit.xml }\n',
    'run.js': run,
    'src/a.js': 'exports.v = 1;\n',
    'test/a.test.js': "if (require('../src/a').v !== 1) throw new Error('a');\n",
  };
  const lie = '<testsuite><testcase name="a" file="test/a.test.js"/></testsuite>';
  const bad = 'exports.v = 7;\n';

  test.each<[string, Files]>([
    [
      'is not satisfied by a report that was there before',
      { 'src/a.js': `${bad}process.exit(0);\n`, 'out/junit.xml': lie },
    ],
    [
      'sees an exit code that does not fit',
      { 'src/a.js': `${bad}process.on('exit', () => require('fs').writeFileSync('out/junit.xml', '${lie}'));\n` },
    ],
    [
      'sees a report without the tests',
      { 'src/a.js': `${bad}require('fs').writeFileSync('out/junit.xml', '<testsuite/>'); process.exit(0);\n` },
    ],
    [
      'sees words in the report’s place',
      { 'src/a.js': `${bad}console.log(${JSON.stringify(lie)}); process.exit(0);\n` },
    ],
    [
      'sees that test files were written',
      { 'src/a.js': "exports.v = 1; require('fs').writeFileSync('test/a.test.js', '');\n" },
    ],
    [
      'does not give its report’s descriptor away',
      {
        'src/a.js': `${bad}for (let fd = 3; fd < 40; fd++) try { require('fs').writeSync(fd, '{"exitCode":0}') } catch {}\nprocess.exit(0);\n`,
      },
    ],
  ])('%s', async (_, change) => {
    const { green, objections } = await tested(own, change);
    expect(green).toBe(false);
    expect(objections.filter((objection) => objection !== 'there are no tests')).not.toEqual([]);
  });
});
