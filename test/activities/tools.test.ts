// What an agent may do: what its YAML allows, and nothing else, whatever a model calls.
import { tools, type ToolName } from '../../src/domain/agent';
import { toolsFor, useTool } from '../../src/activities/tools';
import { bare, tip, worker } from '../adapters/git/ground';

async function used(allowed: readonly ToolName[], name: string, input: unknown): Promise<string> {
  const repository = bare({ 'README.md': '# Sums\n' });
  const at = { trees: worker().trees, repository, commit: tip(repository) };
  return useTool(at, allowed, { id: '1', name, arguments: JSON.stringify(input) });
}

test('what is allowed is done', async () => {
  expect(await used(['list', 'read'], 'read', { path: 'README.md' })).toBe('# Sums\n');
});

test.each([
  ['search', ['list', 'read'], 'there is no tool "search"; there is list, read'],
  ['write', ['list', 'read', 'search'], 'there is no tool "write"; there is list, read, search'],
  ['read', [], 'there is no tool "read"; there is none'],
] as const)('a call of %s where there is %j is refused, in words', async (name, allowed, words) => {
  expect(await used(allowed, name, { text: 'Sums', path: 'README.md' })).toBe(words);
});

test('arguments that do not fit are refused, in words', async () => {
  expect(await used(['read'], 'read', { file: 'README.md' })).toMatch(/^these arguments do not fit: /);
});

test('there is none that writes or deploys', () => {
  expect(toolsFor(tools).map(({ name }) => name)).toEqual(['list', 'read', 'search']);
});
