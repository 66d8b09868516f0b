// What an agent sees of a repository: all paths, and as many of the small files as there is room for.
import { briefFor } from '../../src/activities/brief';
import type { Trees } from '../../src/activities/ports';
import type { AgentTask } from '../../src/domain/tasks';
import { AT, bare, commit, key, tip, worker } from '../adapters/git/ground';

async function told(files: Record<string, string>, proposed?: Record<string, string>) {
  const repository = bare(files);
  const own = worker();
  const { trees, ledger } = own;
  const base = tip(repository);
  const prompts = [{ path: 'definition/prompts/coder.md', content: 'You write code.' }];
  const entry = { repository, key: key({ stage: 'begin' }), files: prompts, message: 'Begin', at: AT };
  const definition = await ledger.append(entry);
  const read: string[] = [];
  const watched: Trees = {
    ...trees,
    read: (where, treeish, paths, limit) => (read.push(...paths), trees.read(where, treeish, paths, limit)),
  };
  const task = {
    key: key(),
    repository,
    at: AT,
    agentName: 'coder',
    agent: { reads: ['repository'] },
    definition,
    base,
  };
  const changes = Object.entries(proposed ?? {}).map(([path, content]) => ({ path, content }));
  const candidate = proposed && { candidate: await commit(own, repository, base, changes) };
  const from = { trees: watched, ledger, start: base };
  const { messages } = await briefFor({ ...task, ...candidate, reads: [], feedback: [] } as unknown as AgentTask, from);
  return { text: messages.map(({ content }) => content).join('\n'), read };
}

test('once there is a candidate, the repository is shown as it is with it', async () => {
  const { text } = await told({ 'a.js': 'exports.a = 1;\n' }, { 'b.js': 'exports.b = 2;\n' });
  expect(text).toContain('--- a.js\nexports.a = 1;\n');
  expect(text).toContain('--- b.js\nexports.b = 2;\n');
});

const many = (count: number, chars: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`src/${100 + at}.js`, 'x'.repeat(chars)]));

test('small files are shown whole, and a large or a binary one by its path and size', async () => {
  const { text } = await told({ 'a.js': 'exports.a = 1;\n', 'b.bin': 'a\0b', 'c.js': 'y'.repeat(20_000) });
  expect(text).toContain('--- a.js\nexports.a = 1;\n');
  expect(text).toContain('b.bin (3 bytes)');
  expect(text).toContain('c.js (20000 bytes)');
  expect(text).not.toMatch(/--- (?:b\.bin|c\.js)/);
});

test('of many files those are shown that fit, and a small one still fits where a larger one does not', async () => {
  const { text } = await told({ ...many(6, 11_000), 'z.js': 'exports.z = 1;\n' });
  expect(text.match(/^--- .*$/gm)).toEqual([...[100, 101, 102, 103, 104].map((at) => `--- src/${at}.js`), '--- z.js']);
  expect(text).toContain('src/105.js (11000 bytes)');
});

test('of a repository that is larger than the room, little more is read than is shown', async () => {
  const { text, read } = await told(many(200, 15_000));
  expect(text.match(/^--- /gm)).toHaveLength(4);
  expect(read.length * 15_000).toBeLessThanOrEqual(1_000_000);
});
