// Code that is tested cannot say how its tests ended: pytest. Each attack is code under a test that it fails.
import { rmSync } from 'node:fs';
import type { TestRun } from '../../src/activities/ports';
import { outcomes, runTests, scratch } from '../adapters/test-runners/folder';

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const tests = {
  'tests/test_a.py': `import unittest
import code_
def test_plain():
    assert code_.v() == 2
class TestOld(unittest.TestCase):
    def test_method(self):
        self.assertEqual(code_.v(), 2)
`,
  'tests/test_b.py': 'from code_ import v\ndef test_other():\n    assert v() == 2\n',
};
const names = [
  'tests/test_a.py > test_plain',
  'tests/test_a.py > TestOld > test_method',
  'tests/test_b.py > test_other',
];
const wrong = 'def v(): return 1\n';
const proved = (run: TestRun) =>
  run.complete && run.unloadable.length === 0 && run.cases.every(({ outcome }) => outcome === 'passed');

test('sound code is green, and what an attack starts from is red', async () => {
  const good = await runTests({ 'code_.py': 'def v(): return 2\n', ...tests });
  expect(good).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(good)).toEqual(Object.fromEntries(names.map((name) => [name, 'passed'])));
  const bad = await runTests({ 'code_.py': wrong, ...tests });
  expect(bad).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(bad)).toEqual(Object.fromEntries(names.map((name) => [name, 'failed'])));
});

const lies = `import json, os
ids = ["tests/test_a.py::test_plain", "tests/test_a.py::TestOld::test_method", "tests/test_b.py::test_other"]
lines = [{"event": "case", "id": id, "outcome": "passed", "line": 1, "error": ""} for id in ids]
lines.append({"event": "end", "lines": 3, "unfinished": [], "silent": [], "controls": 0, "charmed": 0, "tampered": [], "strange": 0, "changed": []})
text = "".join(json.dumps(line) + "\\n" for line in lines).encode()
`;
const attacks: Record<string, string> = {
  'ends at import': 'import os\nos._exit(0)',
  'ends in a test': 'import os\ndef v(): os._exit(0)',
  'ends when Python does': 'import atexit, os\natexit.register(lambda: os._exit(0))',
  'ends the session': 'import pytest\ndef v(): pytest.exit("enough", returncode=0)',
  'skips itself': 'import pytest\ndef v(): pytest.skip("not today")',
  'skips itself at import': 'import pytest\npytest.skip("not today", allow_module_level=True)',
  'writes a report of its own, and ends': `${lies}
for fd in range(3, 60):
    try: os.write(fd, text)
    except OSError: pass
os._exit(0)`,
  'writes to the report of the process above it': `${lies}
for pid in (os.getppid(), 1, 2):
    for fd in range(60):
        try: open(f"/proc/{pid}/fd/{fd}", "wb").write(text)
        except OSError: pass
os._exit(0)`,
  'adds a line to an honest report': `${lies}
os.write(3, text)`,
  'runs no tests': 'import _pytest.python\n_pytest.python.Function.runtest = lambda self: None',
  'runs no methods':
    'import unittest\nunittest.TestCase.__call__ = unittest.TestCase.run = lambda self, result=None: result',
  'lets every call pass': `import _pytest.runner as r
make = r.CallInfo.from_call.__func__
def from_call(cls, func, when, reraise=None):
    return make(cls, func if when != "call" else (lambda: None), when, reraise)
r.CallInfo.from_call = classmethod(from_call)`,
  'calls every report a passed one': `from _pytest.reports import TestReport
make = TestReport.from_item_and_call.__func__
def changed(cls, item, call):
    report = make(cls, item, call)
    report.outcome, report.longrepr = "passed", None
    return report
TestReport.from_item_and_call = classmethod(changed)`,
  'replaces the code of what judges': `import _pytest.reports as r
def __init__(self, nodeid, location, keywords, outcome, longrepr, when, *rest, **more):
    self.nodeid, self.location, self.keywords, self.outcome, self.longrepr, self.when = nodeid, location, keywords, "passed", None, when
    self.sections, self.user_properties, self.duration, self.start, self.stop = [], [], 0, 0, 0
r.TestReport.__init__.__code__ = __init__.__code__`,
  'replaces what asserts': 'import unittest\nunittest.TestCase.assertEqual = lambda *all, **more: None',
  'replaces what is built in': 'import builtins, pytest\nbuiltins.AssertionError = pytest.skip.Exception',
  'replaces what writes the report': 'import json\njson.dumps = lambda *all, **more: "{}"',
  'adds a plugin to the runner it finds on the stack': `import sys, pytest
frame = sys._getframe()
while frame:
    config = frame.f_locals.get("config")
    if hasattr(config, "pluginmanager"): break
    frame = frame.f_back
class Plugin:
    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        report.outcome, report.longrepr = "passed", None
if frame: config.pluginmanager.register(Plugin())`,
  'writes other tests in the place of those to come': `open("/box/tests/test_b.py", "w").write("def test_other(): pass\\n")
open("/box/tests/test_a.py", "w").write("def test_plain(): pass\\n")`,
  'counts on words in its output': 'print("===== 3 passed in 0.01s =====")',
};

test.each(Object.entries(attacks))('code that %s proves nothing', async (_, attack) => {
  const run = await runTests({ 'code_.py': `${wrong}${attack}\n`, ...tests });
  expect(proved(run)).toBe(false);
});

test.each<[string, Record<string, string>]>([
  [
    'a package beside the code',
    {
      'evil-1.0.dist-info/entry_points.txt': '[pytest11]\nevil = evil\n',
      'evil-1.0.dist-info/METADATA': 'Name: evil\nVersion: 1.0\n',
    },
  ],
  ['options in setup.cfg', { 'setup.cfg': '[tool:pytest]\naddopts = -p evil\n' }],
  ['options in pyproject.toml', { 'pyproject.toml': '[tool.pytest.ini_options]\naddopts = "-p evil"\n' }],
  ['options in tox.ini', { 'tox.ini': '[pytest]\naddopts = -p evil\n' }],
  ['sitecustomize and usercustomize', { 'sitecustomize.py': 'import evil', 'usercustomize.py': 'import evil' }],
])('no plugin comes in by %s', async (_, files) => {
  const evil = `import os\nopen("/box/loaded", "w")\nos._exit(0)\n`;
  const run = await runTests({ 'code_.py': wrong, 'evil.py': evil, ...files, ...tests });
  expect(run).toMatchObject({ complete: true, unloadable: [] });
  expect(outcomes(run)).toEqual(Object.fromEntries(names.map((name) => [name, 'failed'])));
});
