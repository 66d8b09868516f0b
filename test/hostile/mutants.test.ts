// A check of mutants holds against weak tests, and against code that would have its faults seem caught, or no faults at all.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createMutantTrials } from '../../src/adapters/mutators/mutant-trials';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { providePytest } from '../../src/adapters/provision/pytest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../src/adapters/test-runners/test-runner';
import { judgeMutants, THRESHOLD } from '../../src/domain/mutants';
import { ground, write } from '../adapters/git/ground';
import { change, review, suite } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';
import { byRound } from '../scenarios/script';

// Far more than it takes: how many faults are tried in a time is for other tests.
jest.setTimeout(900_000);

const strict = small['pipelines/quick.yaml'].replace('name: quick', 'name: strict').replace(
  '  approve: { approval: candidate, needs: [verify]',
  `  mutants: { check: mutants, needs: [verify], onRework: { to: tests, max: 2 } }
  review: { agent: critic, needs: [mutants], onRework: { to: implement, max: 1 } }
  approve: { approval: candidate, needs: [review]`,
);
const mill = useMill({ definitions: { ...small, 'pipelines/strict.yaml': strict } });

const HEAD = "const test = require('node:test');\nconst assert = require('node:assert');\n";
const testing = (...cases: [number, string][]) => ({
  'test/grade.test.js': `${HEAD}const { grade } = require('../src/grade.js');\ntest('grade', () => {\n${cases
    .map(([points, mark]) => `  assert.strictEqual(grade(${points}), '${mark}');`)
    .join('\n')}\n});\n`,
});
const grade = (limit: number) => ({
  'src/grade.js': `exports.grade = (points) => {\n  if (points >= 90) return 'A';\n  if (points >= ${limit}) return 'B';\n  return 'C';\n};\n`,
});
const weak = testing([95, 'A'], [10, 'C']);
const strong = testing([95, 'A'], [90, 'A'], [89, 'B'], [88, 'B'], [70, 'B'], [69, 'C'], [71, 'B'], [10, 'C']);

test('buggy code does not merge by weak tests, an obliging reviewer and an obliging approver', async () => {
  const run = await mill.milestone(
    {
      implement: byRound(change(grade(80))),
      tests: byRound(suite(weak), suite(strong)),
      review: byRound(review()),
    },
    { pipeline: 'strict' },
  );
  const waiting = await run.untilItWaitsFor('guidance', undefined, 280_000);
  expect(waiting.detail).toMatch(/^verify \(unchanged-failure\): the same again: fails: test\/grade\.test\.js/);
  expect(run.git('log', '--format=%s', 'main').split('\n')).toHaveLength(1);
  // Its survivors went to the tester, and to nobody else.
  expect(run.prompt('tests', 2)).toContain('"replacement"');
  expect(run.prompt('implement', 2)).not.toContain('"survivors"');
  expect(JSON.parse(run.fromLedger('stages/mutants/1/MutantReport.json'))).toMatchObject({ threshold: THRESHOLD });
});

// ── code that is in on it ───────────────────────────────────────────────────────────────────────────────────────

const sandbox = createSandbox({ scratch: ground });
const cache = cacheFolder();
const runner = createTestRunner({ sandbox, cache });
const mutants = createMutantTrials({ sandbox, runner, python: () => providePytest(cache) });

async function judged(source: string, tests = weak) {
  const folder = mkdtempSync(path.join(ground, 'hostile-'));
  write(folder, { 'src/grade.js': source, ...tests });
  const files = [{ path: 'src/grade.js', content: source, lines: [2, 3] }];
  const tries = await mutants.run({ folder, tests: Object.keys(tests), files, seed: 's', seconds: 900 });
  return { ...judgeMutants(tries, THRESHOLD), unfit: tries.unfit };
}

const honest = grade(80)['src/grade.js'];
const behind = (code: string) => `${honest};\n${code}\n`;

test.each<[string, string]>([
  [
    'that prints what a runner of tests would say',
    `process.stdout.write('TAP version 13\\nnot ok 1 - grade\\n1..1\\n'); process.stderr.write('{"event":"fail"}\\n');`,
  ],
  [
    'that answers in the place of what looks for a difference',
    `if (process.env.MILLWRIGHT_PROBED) {
  require('node:fs').writeSync(3, '"loaded"\\n' + '"= 1 []"\\n'.repeat(400));
  process.exit(0);
}`,
  ],
  [
    'that shows no difference to whoever looks for one',
    `if (process.env.MILLWRIGHT_PROBED) exports.grade = () => 'A';`,
  ],
])('code does not pass for well tested %s', async (_, code) => {
  const found = await judged(behind(code));
  expect(found).toMatchObject({ enough: false, unfit: undefined });
  expect(found.survivors.length).toBeGreaterThan(1);
});

test('code that spoils the tests of the copies beside it is not judged, and a person is asked', async () => {
  const spoiling = `const fs = require('node:fs');
const up = __dirname + '/../..';
for (const name of fs.readdirSync(up)) try {
  const at = up + '/' + name;
  const own = fs.readFileSync(at + '/src/grade.js', 'utf8');
  if (!own.includes('as it is\\n')) fs.writeFileSync(at + '/test/grade.test.js', 'throw new Error("caught");');
} catch {}`;
  const found = await judged(behind(spoiling));
  expect(found).toMatchObject({ unfit: 'node: test files were written while the tests ran: test/grade.test.js' });
});

test('code that ends its process with success under a fault has its fault caught', async () => {
  const all = testing([95, 'A'], [90, 'A'], [89, 'B'], [91, 'A'], [80, 'B'], [79, 'C'], [81, 'B'], [10, 'C']);
  const leaving = behind("if (exports.grade(95) !== 'A') process.exit(0);");
  const found = await judged(leaving, all);
  expect(found).toMatchObject({ enough: true, survivors: [], unfit: undefined });
});
