// Pages for people: what a model wrote is quoted, and cannot pass for what the page says itself.
import { artifactMarkdown, passageOf } from '../../src/domain/markdown';

test.each(['one\ntwo', 'one\rtwo', '# one', ' ## one', '<!-- one', '<h2>one</h2>', '```', '~~~ one'])(
  '%j is fenced: it would be markup',
  (text) => {
    expect(artifactMarkdown('A page', { what_for: text })).toMatch(
      new RegExp(`^# A page\n\n## what for\n\n(\`{3,})\n[^]*\n\\1\n$`),
    );
  },
);

test('plain words stand as they are, and so do lists', () => {
  expect(artifactMarkdown('A page', { what: 'plain # words', list: ['a\r## b', 'c'] })).toBe(
    '# A page\n\n## what\n\nplain # words\n\n## list\n\n- a\n  \\## b\n- c\n',
  );
});

describe('a passage', () => {
  test('has its headings a step lower, and what is quoted as it was', () => {
    const page = artifactMarkdown('A page', { code: '# a comment\n```\n', plain: 'x' });
    expect(passageOf(page, 1_000)).toBe('### code\n\n````\n# a comment\n```\n\n````\n\n### plain\n\nx\n');
  });

  test('that is cut leaves no fence open, and says how long it was', () => {
    const page = artifactMarkdown('A page', { code: 'line\n'.repeat(100) });
    const [body, words] = passageOf(page, 60).split('\n\n[');
    expect(body).toMatch(/^### code\n\n```\n[^`]*\n```$/);
    expect(words).toBe('cut: in all it has 518 characters]\n');
  });
});
