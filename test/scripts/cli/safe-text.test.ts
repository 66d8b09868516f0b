// Nothing that a model or a repository wrote may act on the terminal that shows it.
import { manyLines, oneLine, safeJson } from '../../../scripts/cli/safe-text';

test.each([
  ['colours', 'a\u001b[31mred\u001b[0mb', 'aredb'],
  ['cursor movements', 'a\u001b[2A\u001b[2Kb', 'ab'],
  ['window titles', 'a\u001b]0;title\u0007b', 'ab'],
  ['links', 'a\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\b', 'atextb'],
  ['device control strings', 'a\u001bPq#0\u001b\\b', 'ab'],
  ['eight-bit controls', 'a\u009b31mb\u009d0;title\u009cc', 'abc'],
  ['single escapes', 'a\u001bcb\u001b(0c', 'abc'],
  ['an escape that is cut off', 'a\u001b]0;never ends', 'a0;never ends'],
  ['bells and backspaces', 'a\u0007b\u0008c\u007f', 'abc'],
  ['overprinting by carriage return', 'safe\rEVIL', 'safe EVIL'],
  ['reordering of text', 'a\u202Eb\u2066c\u200fd', 'abcd'],
  ['hidden characters', 'a\u200b\u00ad\ufeffb\u{e0041}c', 'abc'],
  ['broken characters', 'a\ud800b', 'a\ufffdb'],
  ['line breaks of every kind', 'a\nb\u2028c\u0085d\u000be', 'a b c d e'],
])('takes out %s', (_, text, expected) => {
  expect(oneLine(text)).toBe(expected);
});

test('lets ordinary text of every script through', () => {
  const text = 'Ünïcode – 数据库 עברית العربية “quoted” ✓ 🎉 $1 <b> `code`';
  expect(oneLine(text)).toBe(text);
});

test('keeps line breaks where lines are wanted', () => {
  expect(manyLines('# Title\r\n\r\n\tcode\u001b[2J')).toBe('# Title\n\n  code');
});

test('spells out in JSON what could act on a terminal, and loses nothing', () => {
  const value = { text: 'a\u009b31m\u202Eb\u{e0041}\u001b[2J\u007f', lines: 'a\nb' };
  // eslint-disable-next-line no-control-regex
  expect(safeJson(value)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Cf}/u);
  expect(JSON.parse(safeJson(value))).toEqual(value);
});
