import { parseRepository } from '../../../src/adapters/git/repository';

test.each([
  ['/srv/git/app.git', '/srv/git/app.git'],
  ['file:///srv/git/my%20app.git', '/srv/git/my app.git'],
  ['https://example.com/app.git', undefined],
  ['ssh://git@example.com:22/app.git', undefined],
  ['git@example.com:team/app.git', undefined],
  ['git://example.com/app.git', undefined],
  ['https://ada@example.com/app.git', undefined],
  ['https://example.com:8443/team/app@2.git', undefined],
])('%s is a repository', (text, path) => {
  expect(parseRepository(text)).toEqual(path === undefined ? { text } : { text, path });
});

test.each([
  '--upload-pack=touch /tmp/x',
  '-oProxyCommand=x:y',
  'ext::sh -c true',
  'fd::17',
  '::x',
  'http://example.com/app.git',
  'ftp://example.com/app.git',
  'file://elsewhere/app.git',
  'ssh://-oProxyCommand=x/app.git',
  'ssh://%2doProxyCommand=x@example.com/app.git',
  '-x@example.com:app.git',
  'app',
  '../app',
  './app:x',
  '',
  '/srv/app\n.git',
  `/${'x'.repeat(2_000)}`,
])('%j is refused before git sees it', (text) => {
  expect(() => parseRepository(text)).toThrow(expect.objectContaining({ type: 'InvalidInput', nonRetryable: true }));
});

test.each([
  'https://ada:s3cret@example.com/app.git',
  'http://ada:s3cret@example.com/app.git',
  'ssh://git:s3cret@example.com/app.git',
  'https://:s3cret@example.com/app.git',
  'https://ada:s3/cret@example.com/app.git',
  'https://ghp_s3cret@example.com/app.git',
])('%s is refused, and the refusal says where credentials belong, not what they are', (text) => {
  const refused = () => parseRepository(text);
  expect(refused).toThrow(expect.objectContaining({ type: 'InvalidInput', nonRetryable: true }));
  expect(refused).toThrow(/credential helper or the SSH agent of the workers/);
  expect(refused).not.toThrow(/s3|cret/);
});
