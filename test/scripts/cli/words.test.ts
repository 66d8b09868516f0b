// Times, money, widths, ids and places, as the command line spells them.
import { cost, duration } from '../../../scripts/cli/amounts';
import { cut, fill, widthOf, wrap } from '../../../scripts/cli/columns';
import { projectIdFor } from '../../../scripts/cli/project-id';
import { absoluteRepository, whereTyped } from '../../../scripts/cli/where';
import { Slug } from '../../../src/domain/names';

test.each([
  [-5, '0s'],
  [0, '0s'],
  [59_999, '59s'],
  [200_000, '3m 20s'],
  [7_500_000, '2h 05m'],
  [273_600_000, '3d 4h'],
])('%d ms is %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test('shows small costs to a hundredth of a cent, and none as nothing', () => {
  expect([0, 0.00412, 0.5, 12].map(cost)).toEqual(['', '$0.0041', '$0.50', '$12.00']);
});

test('counts, cuts and fills by columns', () => {
  expect(widthOf('数据e\u0301🎉')).toBe(7);
  expect(cut('abcdef', 4)).toBe('abc…');
  expect(cut('数据库', 4)).toBe('数…');
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abc', 0)).toBe('');
  expect(fill('数', 4)).toBe('数  ');
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrap('a a a a', 3)).toEqual(['a a', 'a a']);
});

test.each([
  ['Build a REST API with user registration', 'build-rest-api-user-ab12cd'],
  ['Füge Ümlaute hinzu!', 'fuge-umlaute-hinzu-ab12cd'],
  ['数据库', 'project-ab12cd'],
  ['supercalifragilisticexpialidocious-and-then-some more', 'supercalifragilisticexpialidocious-t-ab12cd'],
])('names a project after its request: %s', (request, id) => {
  expect(projectIdFor(request, 'ab12cd')).toBe(id);
  expect(Slug.safeParse(id).success).toBe(true);
});

test('two projects of the same request get different ids', () => {
  expect(projectIdFor('the same')).not.toBe(projectIdFor('the same'));
});

test.each([
  ['../api', '/home/ada/api'],
  ['/srv/api.git', '/srv/api.git'],
  ['.', '/home/ada/work'],
  ['a:b', '/home/ada/work/a:b'],
  ['https://git.example/api.git', 'https://git.example/api.git'],
  ['ssh://git@git.example/api.git', 'ssh://git@git.example/api.git'],
  ['git@git.example:team/api.git', 'git@git.example:team/api.git'],
  ['ext::sh -c x', 'ext::sh -c x'],
])('takes %s for the repository %s', (text, repository) => {
  expect(absoluteRepository(text, '/home/ada/work')).toBe(repository);
});

test('a relative path means the folder that it was typed in, also under npm', () => {
  const npm = { npm_lifecycle_event: 'start', INIT_CWD: '/home/ada' };
  expect(whereTyped('start', npm)).toBe('/home/ada');
  expect(whereTyped('start', { ...npm, npm_lifecycle_event: 'test' })).toBe(process.cwd());
});
