// Faults tried against real tests in the real sandbox.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createMutantTrials } from '../../../src/adapters/mutators/mutant-trials';
import { cacheFolder } from '../../../src/adapters/provision/cache';
import { providePytest } from '../../../src/adapters/provision/pytest';
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../../src/adapters/test-runners/test-runner';
import { ground, write } from '../git/ground';

const sandbox = createSandbox({ scratch: ground });
const cache = cacheFolder();
const runner = createTestRunner({ sandbox, cache });
const mutants = createMutantTrials({ sandbox, runner, python: () => providePytest(cache) });

const head = "const test = require('node:test');\nconst assert = require('node:assert');\n";
const testOf = (body: string, of = '../src/a.js') =>
  `${head}test('it', () => {\n  const { f } = require('${of}');\n${body}\n});\n`;
const calls = (...pairs: [string, string][]) =>
  pairs.map(([args, value]) => `  assert.deepStrictEqual(f(${args}), ${value});`).join('\n');

// Far more than it takes, also on a slow machine: what is left out for lack of time is for the tests of that.
const ENOUGH_SECONDS = 900;
jest.setTimeout(ENOUGH_SECONDS * 1_000);

async function tried(source: string, tests: Record<string, string>, seconds = ENOUGH_SECONDS, file = 'src/a.js') {
  const folder = mkdtempSync(path.join(ground, 'tree-'));
  write(folder, { [file]: source, ...tests });
  const files = [{ path: file, content: source, lines: source.split('\n').map((_, at) => at + 1) }];
  const found = await mutants.run({ folder, tests: Object.keys(tests), files, seed: 'seed', seconds });
  const missed = found.trials.filter(({ outcome }) => outcome !== 'caught');
  return { ...found, missed, told: missed.map(({ original, replacement }) => `${original} → ${replacement}`) };
}

const limited = 'exports.f = (a) => {\n  if (a > 10) return 10;\n  return a;\n};\n';

test('catches what the tests notice, and names what they do not', async () => {
  const strong = await tried(limited, {
    'test/a.test.js': testOf(calls(['3', '3'], ['10', '10'], ['12', '10'], ['11', '10'])),
  });
  const weak = await tried(limited, { 'test/a.test.js': testOf(calls(['3', '3'])) });
  expect(strong.missed.filter(({ differs }) => differs !== 0)).toEqual([]);
  expect(weak.told).toEqual(expect.arrayContaining(['a > 10 → false', '10 → 11']));
  expect(weak.functions).toEqual([{ file: 'src/a.js', name: 'f', calls: 1, arguments: 1 }]);
});

test('tells a fault that nothing can show from one that only these tests do not', async () => {
  const { missed } = await tried(limited, { 'test/a.test.js': testOf(calls(['3', '3'], ['12', '10'])) });
  const of = (fault: string) => missed.find(({ original, replacement }) => `${original} → ${replacement}` === fault);
  expect(of('a > 10 → a >= 10')).toMatchObject({ outcome: 'survived', differs: 0 });
  expect(missed.some(({ differs }) => differs !== null && differs > 0)).toBe(true);
});

test('says of code that no test comes to that it is not reached', async () => {
  const source = 'exports.f = (a) => a;\nexports.g = (a) => a + 1;\n';
  const { missed } = await tried(source, { 'test/a.test.js': testOf(calls(['3', '3'])) });
  expect(missed.filter(({ line }) => line === 2).map(({ outcome }) => outcome)).toContain('unreached');
});

test('what is done with an object is done again, with other arguments', async () => {
  const source = `class Till {
  #most;
  constructor(most) { this.#most = most; this.sum = 0; }
  put(much) { this.sum += much > this.#most ? this.#most : much; return this.total(); }
  total() { return this.sum; }
}
exports.Till = Till;
`;
  const suite = `${head}const { Till } = require('../src/a.js');
test('it', () => {
  const till = new Till(5);
  assert.equal(till.put(3), 3);
  assert.equal(till.put(5), 8);
  assert.ok(till instanceof Till);
});
`;
  const { functions, missed } = await tried(source, { 'test/a.test.js': suite });
  expect(functions).toEqual([{ file: 'src/a.js', name: 'Till', calls: 3, arguments: 1 }]);
  const of = (fault: string) => missed.find(({ original, replacement }) => `${original} → ${replacement}` === fault);
  expect(of('much > this.#most → much >= this.#most')).toMatchObject({ outcome: 'survived', differs: 0 });
  expect(of('much > this.#most → false')!.differs).toBeGreaterThan(0);
});

test('a function that is handed over is made again of its text, and where that does not do, nothing is presumed', async () => {
  const source = 'exports.f = (list, by) => list.map((a) => (a > 10 ? 10 : by(a)));\n';
  const own = await tried(source, {
    'test/a.test.js': testOf(calls(['[3, 10], (a) => a', '[3, 10]'], ['[4], (a) => a * 2', '[8]'])),
  });
  expect(own.functions).toEqual([{ file: 'src/a.js', name: 'f', calls: 2, arguments: 2 }]);
  const of = ({ missed }: typeof own, fault: string) =>
    missed.find(({ original, replacement }) => `${original} → ${replacement}` === fault);
  expect(of(own, 'a > 10 → false')!.differs).toBeGreaterThan(0);
  const bound = await tried(source, {
    'test/a.test.js': testOf(`const more = 0;\n${calls(['[3, 10], (a) => a + more', '[3, 10]'])}`),
  });
  expect(of(bound, 'a > 10 → a >= 10')).toMatchObject({ outcome: 'survived', differs: null });
});

test('works for modules and for what a module exports by default', async () => {
  const source = 'export const f = (a) => a + 1;\nexport default (a) => a * 2;\n';
  const suite = `import test from 'node:test';\nimport assert from 'node:assert';\nimport f from '../src/a.mjs';\ntest('it', () => assert.equal(f(2), 4));\n`;
  const { functions, trials } = await tried(source, { 'test/a.test.mjs': suite }, ENOUGH_SECONDS, 'src/a.mjs');
  expect(functions).toEqual([{ file: 'src/a.mjs', name: 'default', calls: 1, arguments: 1 }]);
  expect(trials.some(({ outcome }) => outcome === 'caught')).toBe(true);
});

test('a fault that never ends, and one that ends the process, are caught, and the others are judged all the same', async () => {
  const source =
    'exports.f = (a) => {\n  let n = 0;\n  while (n < a) n += 1;\n  if (n !== a) process.exit(0);\n  return n;\n};\n';
  const { trials } = await tried(source, { 'test/a.test.js': testOf(calls(['3', '3'], ['1', '1'])) });
  const outcome = (fault: string) =>
    trials.find(({ original, replacement }) => `${original} → ${replacement}` === fault)?.outcome;
  expect(outcome('n += 1 → n -= 1')).toBe('caught');
  expect(outcome('n !== a → true')).toBe('caught');
  expect(outcome('n !== a → false')).toBe('survived');
});

test('in its time it tries what it can, by the same lot each time, and says what is left', async () => {
  const slow = {
    'test/a.test.js': testOf(`${calls(['3', '3'])}\n  const until = Date.now() + 700;\n  while (Date.now() < until);`),
  };
  const many = `exports.f = (a) => ${Array.from({ length: 30 }, (_, at) => `(a > ${at + 50} ? 0 : 0)`).join(' + ')} + a;\n`;
  // Where a machine is so slow that this is not enough for one, it gets more, and still not enough for all.
  let found = await tried(many, slow, 20);
  for (const seconds of [60, 180]) if (found.trials.length === 0) found = await tried(many, slow, seconds);
  const { trials, untried, untriedCount } = found;
  expect(untriedCount).toBeGreaterThan(0);
  expect(trials.length).toBeGreaterThan(0);
  expect(untried).toEqual([expect.stringMatching(/^\d+ of \d+ faults, left out by lot: \d+ s were enough for \d+$/)]);
});

test('where there is no time to try one fault, the tests are not taken for enough', async () => {
  const { trials, unfit } = await tried(limited, { 'test/a.test.js': testOf(calls(['3', '3'])) }, 0.01);
  expect(trials).toEqual([]);
  expect(unfit).toMatch(/^0\.01 s were not enough to try one of \d+ faults$/);
});

test('tests that mind where they are run are run alone', async () => {
  const own = testOf(`${calls(['3', '3'], ['12', '10'])}\n  assert.equal(process.cwd(), '/box');`);
  const { trials } = await tried('exports.f = (a) => (a > 10 ? 10 : a);\n', { 'test/a.test.js': own });
  expect(trials.some(({ outcome }) => outcome === 'caught')).toBe(true);
});

test('code that looks at its own source is not judged by its faults', async () => {
  const guarded =
    "if (require('node:fs').readFileSync(__filename, 'utf8').length !== 139) throw new Error('no');\nexports.f = (a) => (a > 10 ? 10 : a); // padded\n";
  const source = guarded.replace('139', String(guarded.length));
  const { unfit, trials } = await tried(source, { 'test/a.test.js': testOf(calls(['3', '3'])) });
  expect(unfit).toMatch(/fail once a remark is added to the end of src\/a\.js/);
  expect(trials).toEqual([]);
});

test('what is no JavaScript is named as not tried', async () => {
  const { untried, trials } = await tried('x = 1\n', { 'test/a.test.js': testOf(calls(['3', '3'])) }, 60, 'src/a.rb');
  expect(untried).toEqual(['src/a.rb: no mutants are made of files of its kind']);
  expect(trials).toEqual([]);
});
