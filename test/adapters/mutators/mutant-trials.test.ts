// Faults tried against real tests in the real sandbox.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createMutantTrials } from '../../../src/adapters/mutators/mutant-trials';
import { cacheFolder } from '../../../src/adapters/provision/cache';
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../../src/adapters/test-runners/test-runner';
import { ground, write } from '../git/ground';

const sandbox = createSandbox({ scratch: ground });
const runner = createTestRunner({ sandbox, cache: cacheFolder() });
const mutants = createMutantTrials({ sandbox, runner });

const head = "const test = require('node:test');\nconst assert = require('node:assert');\n";
const testOf = (body: string, of = '../src/a.js') =>
  `${head}test('it', () => {\n  const { f } = require('${of}');\n${body}\n});\n`;
const calls = (...pairs: [string, string][]) =>
  pairs.map(([args, value]) => `  assert.deepStrictEqual(f(${args}), ${value});`).join('\n');

async function tried(source: string, tests: Record<string, string>, seconds = 120, file = 'src/a.js') {
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

test('works for modules and for what a module exports by default', async () => {
  const source = 'export const f = (a) => a + 1;\nexport default (a) => a * 2;\n';
  const suite = `import test from 'node:test';\nimport assert from 'node:assert';\nimport f from '../src/a.mjs';\ntest('it', () => assert.equal(f(2), 4));\n`;
  const { functions, trials } = await tried(source, { 'test/a.test.mjs': suite }, 120, 'src/a.mjs');
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
  const { trials, untried, untriedCount } = await tried(many, slow, 10);
  expect(untriedCount).toBeGreaterThan(0);
  expect(trials.length).toBeGreaterThan(0);
  expect(untried).toEqual([expect.stringMatching(/^\d+ of \d+ faults, left out by lot: 10 s were enough for \d+$/)]);
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
