// A text told by another's lines is that text again, and it is short where the two have much in common.
import fc from 'fast-check';
import { deltaOf, withDelta } from '../../src/domain/text-delta';

test('of any two texts, the one is told by the other to the letter', () => {
  const line = fc.constantFrom('', 'a', 'b', '  "x": 1,', '}', '\r', 'é');
  const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (old, now) => {
      expect(withDelta(old, deltaOf(old, now))).toBe(now);
    }),
    { numRuns: 2_000 },
  );
});

test('a lockfile of a thousand packages with one more, and one less, takes a few lines', () => {
  const entry = (at: number) =>
    `    "node_modules/p${at}": {\n      "version": "1.0.${at}",\n      "license": "MIT"\n    },\n`;
  const lock = (all: readonly number[]) => `{\n  "packages": {\n${all.map(entry).join('')}  }\n}\n`;
  const all = Array.from({ length: 1_000 }, (_, at) => at);
  const [old, now] = [lock(all.filter((at) => at !== 500)), lock(all.filter((at) => at !== 100))];
  const delta = deltaOf(old, now);
  expect(withDelta(old, delta)).toBe(now);
  expect(JSON.stringify(delta).length).toBeLessThan(300);
});

test('told by the lines of another text than it was made of, it is none', () => {
  expect(withDelta('a\nb\nc', [[2, 2]])).toBeUndefined();
});
