// Faults in Python, made and tried with the real Python in the real sandbox.
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createMutantTrials } from '../../../src/adapters/mutators/mutant-trials';
import { pythonMutants } from '../../../src/adapters/mutators/python';
import { cacheFolder } from '../../../src/adapters/provision/cache';
import { providePytest } from '../../../src/adapters/provision/pytest';
import { createSandbox } from '../../../src/adapters/sandbox/sandbox';
import { createTestRunner } from '../../../src/adapters/test-runners/test-runner';
import { judgeMutants, THRESHOLD } from '../../../src/domain/mutants';
import { ground, write } from '../git/ground';

const cache = cacheFolder();
const sandbox = createSandbox({ scratch: ground });
const python = () => providePytest(cache);
const mutants = createMutantTrials({ sandbox, runner: createTestRunner({ sandbox, cache }), python });

const linesOf = (content: string) => content.split('\n').map((_, at) => at + 1);

async function made(content: string, lines = linesOf(content)) {
  const found = await pythonMutants({ sandbox, packages: await python() }, [{ path: 'a.py', content, lines }]);
  return { ...found, told: found.mutants.map(({ original, replacement }) => `${original} → ${replacement}`) };
}

test('a fault is a piece of text in the place of another, wherever it stands in a line', async () => {
  const { mutants: found, told } = await made("def f(a):  # 😀\n    return '😀' if a < 10 else \\\n        -a\n");
  expect(told).toEqual(expect.arrayContaining(['< → <=', '10 → 11', 'a < 10 → True', '-a → (a)', "'😀' → ''"]));
  expect(found.map(({ line }) => line)).toEqual(expect.arrayContaining([2, 3]));
});

test.each<[string, string, string[]]>([
  [
    'conditions',
    'if a and b:\n    c = f(a)\n    d()\n',
    ['a and b → True', 'a and b → False', 'and → or', 'd() → pass'],
  ],
  ['loops', 'while a:\n    a -= 1\n    break\n', ['a → False', '-= → +=', 'break → pass']],
  ['operators', 'x = (a) * (b)  # *\n', ['* → /', '(a) * (b) → (a)']],
  ['comparisons', 'x = a not in b\ny = 0 < a <= 9\n', ['not in → in', '<= → <', '0 < a <= 9 → 0 < a']],
  ['data', "x = {'k': 1, 'm': 2}\ny = [a, b][1:]\n", ["{'k': 1, 'm': 2} → {'m': 2}", '[a, b] → [b]', '1: → :']],
  ['calls', 'x = min(a).strip()\n', ['min → max', 'min(a).strip() → (min(a))']],
])('faults are made in %s', async (_, content, expected) => {
  const { told } = await made(content);
  expect(told).toEqual(expect.arrayContaining(expected));
});

test('what is only said, imported, or noted for readers is left as it is', async () => {
  const quiet = [
    '"""Words."""',
    'import os, sys',
    'def f(a: int = None) -> "x":',
    '    """More words."""',
    '    print("a" + "b")',
    '    logger.info("more" + "of it")',
    'if __name__ == "__main__":',
    '    f(1 + 1)',
  ];
  expect((await made(`${quiet.join('\n')}\n`)).told).toEqual([]);
});

test('only in the lines that were changed, and what does not parse is named', async () => {
  expect((await made('a = 1\nb = 2\n', [2])).told).toEqual(['2 → 3', '2 → 1']);
  expect((await made('def f(:\n')).untried).toEqual([expect.stringMatching(/^a\.py: it does not parse: /)]);
});

// ── tried ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function judged(source: string, tests: Record<string, string>, lines: number[]) {
  const folder = mkdtempSync(path.join(ground, 'python-'));
  write(folder, { 'src/__init__.py': '', 'src/a.py': source, ...tests });
  const files = [{ path: 'src/a.py', content: source, lines }];
  const tries = await mutants.run({ folder, tests: Object.keys(tests), files, seed: 's', seconds: 900 });
  return { ...tries, ...judgeMutants(tries, THRESHOLD) };
}

const grade = `def grade(points):
    if points >= 90:
        return "A"
    return "C"
`;
const testing = (...cases: [number, string][]) => ({
  'tests/test_a.py': `from src.a import grade\n\ndef test_it():\n${cases
    .map(([points, mark]) => `    assert grade(${points}) == "${mark}"`)
    .join('\n')}\n`,
});

test('weak tests are sent back, and strong ones are enough', async () => {
  const weak = await judged(grade, testing([10, 'C']), [2]);
  expect(weak).toMatchObject({ enough: false });
  expect(weak.survivors.map(({ original, replacement }) => `${original} → ${replacement}`)).toContain(
    'points >= 90 → False',
  );
  expect(weak.functions).toEqual([{ file: 'src/a.py', name: 'grade', calls: 1, arguments: 1 }]);
  const cases: [number, string][] = [
    [95, 'A'],
    [90, 'A'],
    [89, 'C'],
    [91, 'A'],
    [10, 'C'],
    [-4, 'C'],
  ];
  const strong = await judged(grade, testing(...cases), [2]);
  expect(strong).toMatchObject({ enough: true, survivors: [] });
  expect(strong.tried).toBeGreaterThan(4);
});

test('tells a fault that nothing can show, and works with unittest, objects and words', async () => {
  const source = `class Till:
    def __init__(self, most=10):
        self.most = most
        self.sum = 0

    def put(self, much, *, twice=False):
        if much > self.most:
            much = self.most
        self.sum += much * (2 if twice else 1)
        return self.sum
`;
  const suite = `import unittest
from src.a import Till

class It(unittest.TestCase):
    def test_it(self):
        till = Till(5)
        self.assertEqual(till.put(3), 3)
        self.assertEqual(till.put(8, twice=True), 13)
        self.assertEqual(Till().put(10), 10)
`;
  const { trials, functions } = await judged(source, { 'tests/test_a.py': suite }, [6, 7]);
  expect(functions).toEqual([{ file: 'src/a.py', name: 'Till', calls: 5, arguments: 2 }]);
  const of = (fault: string) => trials.find(({ original, replacement }) => `${original} → ${replacement}` === fault);
  expect(of('> → >=')).toMatchObject({ outcome: 'survived', differs: 0 });
  expect(of('False → True')).toMatchObject({ outcome: 'caught' });
});

test('a fault that never ends is caught, and the others are judged all the same', async () => {
  const source = 'def f(a):\n    n = 0\n    while n < a:\n        n += 1\n    return n\n';
  const suite = 'from src.a import f\n\ndef test_it():\n    assert f(3) == 3\n';
  const { trials } = await judged(source, { 'tests/test_a.py': suite }, [3, 4]);
  const of = (fault: string) => trials.find(({ original, replacement }) => `${original} → ${replacement}` === fault);
  expect(of('+= → -=')).toMatchObject({ outcome: 'caught' });
  expect(of('< → <=')).toMatchObject({ outcome: 'caught' });
  expect(of('n < a → False')).toMatchObject({ outcome: 'caught' });
});
