// Tasks of these tests' own: a fee that is free from some sum on, and wrong in a place where only strong tests look.

const HEAD = "const test = require('node:test');\nconst assert = require('node:assert');\n";

const fee = (limit: string) => `exports.fee = (sum) => {\n  if (sum ${limit}) return 0;\n  return 5;\n};\n`;
const testing = (...cases: [number, number][]) =>
  `${HEAD}const { fee } = require('../src/fee.js');\ntest('fee', () => {\n${cases
    .map(([sum, value]) => `  assert.strictEqual(fee(${sum}), ${value});`)
    .join('\n')}\n});\n`;

const file = (path: string, content: string) => [{ path, content }];

export const task = (id: string) => ({
  id,
  request: 'A fee of 5, and none from 100 on, in src/fee.js',
  files: file('package.json', '{}\n'),
  good: file('src/fee.js', fee('>= 100')),
  buggy: file('src/fee.js', fee('> 100')),
  tests: file('test/fee.test.js', testing([1, 5], [99, 5], [100, 0], [101, 0], [250, 0], [-3, 5])),
  weak_tests: file('test/fee.test.js', testing([1, 5])),
});
