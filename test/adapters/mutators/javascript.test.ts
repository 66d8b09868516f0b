// Which faults are made, and which are not worth making.
import { javaScriptMutants } from '../../../src/adapters/mutators/javascript';

const made = (content: string, path = 'src/a.js', lines?: readonly number[]) =>
  javaScriptMutants([{ path, content, lines: lines ?? content.split('\n').map((_, at) => at + 1) }]);
const faults = async (...args: Parameters<typeof made>) =>
  (await made(...args)).mutants.map(({ original, replacement }) => `${original} → ${replacement}`);

test('makes those of Stryker, and what Stryker leaves out', async () => {
  const found = await faults("exports.f = (a, b) => (a < 10 && b ? ['x', 'y'] : 'aeiou');\n");
  expect(found).toEqual(expect.arrayContaining(['a < 10 → a <= 10', 'a < 10 && b → a < 10 || b', 'a < 10 → true']));
  expect(found).toEqual(
    expect.arrayContaining(['10 → 11', '10 → 9', 'a < 10 && b → (b)', "['x', 'y'] → ['y']", '\'aeiou\' → "eiou"']),
  );
  expect(new Set(found).size).toBe(found.length);
});

test('makes them in changed lines alone', async () => {
  const { mutants } = await made('exports.a = 1;\nexports.b = 2;\n', 'src/a.js', [2]);
  expect(mutants.map(({ line }) => line)).toEqual(mutants.map(() => 2));
  expect(mutants).not.toHaveLength(0);
});

test('leaves alone what is only said to people: logs, and the words of errors', async () => {
  const found = await faults("exports.f = (a) => {\n  console.log('x' + a);\n  throw new Error('no ' + a);\n};\n");
  expect(found.filter((fault) => /'x'|'no '/.test(fault) && !fault.startsWith('{'))).toEqual([]);
});

test('knows TypeScript, modules, and what they export', async () => {
  const { exports } = await made('export const f = (a: number): number => a + 1;\nexport default f;\n', 'src/a.mts');
  expect(exports.get('src/a.mts')).toEqual({ kind: 'module', names: ['f', 'default'], whole: true });
  expect(await faults('type A = 1;\nexport const f = (a: number) => a * 2;\n', 'src/a.ts')).toContain('a * 2 → a / 2');
});

test('makes them of files with imports, directives and loops that are left early', async () => {
  const content = "'use strict';\nimport a from './a.js';\nfor (const b of a) {\n  if (b) continue;\n  break;\n}\n";
  const { mutants, untried } = await made(content);
  expect(untried).toEqual([]);
  expect(mutants.map(({ original }) => original)).toEqual(expect.arrayContaining(['continue;', 'break;']));
});

test('says of what it cannot read that it was not tried', async () => {
  expect(await made('const = 1;\n')).toMatchObject({
    mutants: [],
    untried: [expect.stringMatching(/^src\/a\.js: it does not parse: /)],
  });
});
