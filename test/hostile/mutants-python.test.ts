// A check of mutants holds against Python that would have its faults seem caught, or no faults at all.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createMutantTrials } from '../../src/adapters/mutators/mutant-trials';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { providePytest } from '../../src/adapters/provision/pytest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import { judgeMutants, THRESHOLD } from '../../src/domain/mutants';
import { ground, write } from '../adapters/git/ground';

const cache = cacheFolder();
const sandbox = createSandbox({ scratch: ground });
const runner = createTestRunner({ sandbox, cache });
const mutants = createMutantTrials({ sandbox, runner, python: () => providePytest(cache) });

const weak = 'from src.grade import grade\n\ndef test_grade():\n    assert grade(95) == "A"\n';
const honest = 'def grade(points):\n    if points >= 90: return "A"\n    return "C"\n';

/** Its second line alone has changed. */
async function judged(code: string) {
  const content = `${honest}\n${code}\n`;
  const folder = mkdtempSync(path.join(ground, 'hostile-'));
  write(folder, { 'src/__init__.py': '', 'src/grade.py': content, 'tests/test_grade.py': weak });
  const tries = await mutants.run({
    ...{ folder, tests: ['tests/test_grade.py'], seed: 's', seconds: 600 },
    files: [{ path: 'src/grade.py', content, lines: [2] }],
  });
  return { ...judgeMutants(tries, THRESHOLD), ...(tries.unfit !== undefined && { unfit: tries.unfit }) };
}

const forged = `import json, os, signal, sys
if sys.argv[0].endswith(".py") and os.path.exists("/millwright/plan.json"):
    count = len(json.load(open("/millwright/plan.json"))["mutants"])
    seen = [{"reached": True, "differs": 0}] * (count - 4) + [{"reached": True, "differs": 1}] * 4
    with open(f"/proc/{os.getppid()}/fd/3", "w") as report:
        json.dump({"functions": [], "mutants": seen}, report)
    os.kill(os.getppid(), signal.SIGKILL)`;

test.each<[string, string]>([
  ['that prints what pytest would say', 'import sys\nprint("1 failed in 0.1s")\nprint("FAILED", file=sys.stderr)'],
  [
    'that answers in the place of what looks for a difference',
    `import os
if os.environ.get("MILLWRIGHT_PROBED"):
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b'"loaded"\\n' + b'"= 1 []"\\n' * 400)
        except OSError:
            pass
    os._exit(0)`,
  ],
  [
    'that shows no difference to whoever looks for one',
    'import os\nif os.environ.get("MILLWRIGHT_PROBED"):\n    grade = lambda points: "A"',
  ],
  ['that writes the report of what looks for a difference, and ends it', forged],
])('code does not pass for well tested %s', async (_, code) => {
  const found = await judged(code);
  expect(found).toMatchObject({ enough: false });
  expect(found).not.toHaveProperty('unfit');
  expect(found.survivors.length).toBeGreaterThan(1);
});

test.each<[string, string, RegExp]>([
  [
    'that looks at its own source',
    'import hashlib\nwith open(__file__) as own:\n    assert len(own.read()) < 155, "no"',
    /fail once a remark is added to the end of src\/grade\.py/,
  ],
  [
    'that writes to the report of its tests',
    'import os\nos.write(3, b"FORGED {}\\n")',
    /something else wrote to the report|report is missing/,
  ],
])('code %s is not judged, and a person is asked', async (_, code, unfit) => {
  expect((await judged(code)).unfit).toMatch(unfit);
});
