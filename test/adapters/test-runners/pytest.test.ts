// Tests written for pytest, run in the real sandbox.
import { rmSync } from 'node:fs';
import { outcomes, runTests, scratch } from './folder';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sums = 'def add(a, b):\n    return a + b\n\n\ndef never(a):\n    return a\n';

test('tells passed, failed and skipped tests apart, by their full names, and measures the sources', async () => {
  const run = await runTests({
    'sums.py': sums,
    'tests/test_sums.py': `import pytest
from sums import add

def test_adds():
    assert add(1, 1) == 2

def test_fails():
    assert add(1, 1) == 3

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.xfail
def test_expected(): assert False

@pytest.mark.parametrize('x', ['a', 'b::c'])
def test_each(x): pass

class TestGroup:
    def test_inner(self): pass

@pytest.fixture
def broken(): raise ValueError('fixture')

def test_fixture(broken): pass
`,
  });
  expect(outcomes(run)).toEqual({
    'tests/test_sums.py > test_adds': 'passed',
    'tests/test_sums.py > test_fails': 'failed',
    'tests/test_sums.py > test_skipped': 'skipped',
    'tests/test_sums.py > test_expected': 'skipped',
    'tests/test_sums.py > test_each[a]': 'passed',
    'tests/test_sums.py > test_each[b::c]': 'passed',
    'tests/test_sums.py > TestGroup > test_inner': 'passed',
    'tests/test_sums.py > test_fixture': 'failed',
  });
  expect(run).toMatchObject({
    runner: 'pytest',
    complete: true,
    lines: [{ path: 'sums.py', covered: 3, total: 4 }],
    command: 'python3 -m pytest tests/test_sums.py',
  });
  expect(run.cases[1]).toMatchObject({
    location: 'tests/test_sums.py:7',
    error: expect.stringContaining('assert 2 == 3'),
  });
});

test('names files that do not load, and which of them do not parse', async () => {
  const run = await runTests({
    'tests/test_good.py': 'def test_good(): pass',
    'tests/test_missing.py': 'import nowhere',
    'tests/test_syntax.py': 'def x(:',
  });
  expect(run.complete).toBe(true);
  expect(outcomes(run)).toEqual({ 'tests/test_good.py > test_good': 'passed' });
  expect(run.unloadable.map(({ file, syntax }) => [file, syntax])).toEqual([
    ['tests/test_missing.py', false],
    ['tests/test_syntax.py', true],
  ]);
});

test.each([
  ['ends its process', 'import os\ndef test_a(): os._exit(0)'],
  ['ends the session', 'import pytest\ndef test_a(): pytest.exit("enough", returncode=0)'],
  ['ends at import', 'import sys\nsys.exit(0)'],
  ['has no tests', 'print("42 passed")'],
])('is not complete when a file %s', async (_, content) => {
  expect(await runTests({ 'test_a.py': content, 'test_b.py': 'def test_b(): pass' })).toMatchObject({
    complete: false,
    trouble: expect.any(String),
  });
});

test.each(['pytest', '_pytest', 'json', 'coverage', 'pluggy', 'sitecustomize', 'millwright_pytest'])(
  'does not take the repository’s %s.py for its own',
  async (name) => {
    const lie = "import os\nos.write(3, b'{}\\n')\nos._exit(0)\n";
    const run = await runTests({
      [`${name}.py`]: lie,
      'a.py': 'v = 2',
      'tests/test_a.py': 'from a import v\ndef test_a(): assert v == 1',
    });
    expect(run).toMatchObject({ complete: true, unloadable: [] });
    expect(outcomes(run)).toEqual({ 'tests/test_a.py > test_a': 'failed' });
  },
);

test('shows tests that the repository leaves out as skipped, and ignores options that leave out more', async () => {
  const run = await runTests({
    'pytest.ini': '[pytest]\naddopts = -k nothing --cov\n',
    'conftest.py': `def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=items[1:])
    del items[1:]
`,
    'test_a.py': 'def test_a(): pass\ndef test_b(): pass',
  });
  expect(outcomes(run)).toEqual({ 'test_a.py > test_a': 'passed', 'test_a.py > test_b': 'skipped' });
});

test('runs beside tests of another kind, as one', async () => {
  const run = await runTests({
    'sums.py': sums,
    'test_sums.py': 'from sums import add\ndef test_adds(): assert add(1, 1) == 2',
    'a.js': 'exports.a = 1;\nexports.b = 2;',
    'a.test.js': "require('./a'); require('node:test')('a', () => {});",
  });
  expect(run).toMatchObject({ runner: 'node + pytest', complete: true });
  expect(outcomes(run)).toEqual({ 'a.test.js > a': 'passed', 'test_sums.py > test_adds': 'passed' });
  expect(run.lines).toEqual([
    { path: 'a.js', covered: 2, total: 2 },
    { path: 'sums.py', covered: 3, total: 4 },
  ]);
});
