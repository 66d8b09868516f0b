// The shipped prompts: short, in Markdown, and with nothing in them that code sees to.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/docs/definitions';
import { systemPrompt } from '../src/domain/prompt';

const prompts = readdirSync(join(ROOT, 'agents'))
  .map((name) => [name, readFileSync(join(ROOT, 'agents', name, 'prompt.md'), 'utf8')] as const)
  .sort();

/** The shape of the answer, thresholds, caps and what follows from a severity. */
const SEEN_TO_BY_CODE = /\bJSON\b|schema|needs_revision|\b\d+ ?%|3\.5|0\.6|at most (?:three|\d)|is refused/i;

test.each(prompts)('the prompt of %s is a page at most, and leaves to code what is its own', (_, prompt) => {
  expect(prompt.length).toBeLessThan(2_500);
  expect(prompt).toMatch(/^You are the [\w -]+ of Millwright[.,]/);
  expect(prompt.match(SEEN_TO_BY_CODE)).toBeNull();
});

test('what is the same for every call comes first', () => {
  const [prompt] = prompts[0]!.slice(1);
  expect(systemPrompt(prompt!, 'nonce').startsWith(prompt!.trim())).toBe(true);
  expect(systemPrompt(prompt!, 'nonce')).not.toMatch(SEEN_TO_BY_CODE);
});
