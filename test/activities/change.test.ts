// What an agent's proposal may not touch, and why, in words that it can follow.
import { proposeChange, proposeSuite } from '../../src/activities/change';
import { createDependencies } from '../../src/adapters/dependencies';
import { bare, tip, worker } from '../adapters/git/ground';

const { trees } = worker();
const dependencies = createDependencies(trees);
const npm = (content: object) => JSON.stringify(content);

async function objections(
  kind: 'change' | 'suite',
  files: Record<string, string>,
  {
    on,
    deletions = [],
    mayKeep = false,
  }: { on?: Record<string, string>; deletions?: string[]; mayKeep?: boolean } = {},
): Promise<string[]> {
  const repository = bare(on);
  const at = { trees, dependencies, repository, base: tip(repository), start: tip(repository), mayKeep };
  const said = { summary: 's', confidence: 1, deletions };
  const written = Object.entries(files).map(([path, content]) => ({ path, content }));
  const { objections, changes } =
    kind === 'suite'
      ? await proposeSuite(at, { ...said, files: written, cases: [] })
      : await proposeChange(at, {
          ...{
            ...said,
            files: written,
            edits: [],
            dependencies_added: [],
            explanation: '',
            changelog: '',
            revision_number: 0,
          },
        });
  expect(changes.length > 0 || mayKeep).toBe(objections.length === 0);
  return objections;
}

describe('the implementer', () => {
  test('writes code', async () => {
    expect(
      await objections('change', { 'src/a.js': '1\n', 'docs/jest.md': 'x\n', '.github/workflows/ci.yml': 'x\n' }),
    ).toEqual([]);
  });

  test.each(['test.js', 'src/a.test.ts', 'app/tests.py', 'spec/a_spec.rb', '__mocks__/fs.js'])(
    'does not write the test %s',
    async (path) => {
      expect(await objections('change', { [path]: 'x\n' })).toEqual([`${path}: tests are the tester's to write`]);
    },
  );

  test.each(['.millwright.yaml', 'tests/conftest.py', 'setup.cfg', 'web/vitest.config.mts', '.npmrc'])(
    'does not say by %s how tests are run',
    async (path) => {
      expect(await objections('change', { [path]: 'x\n' })).toEqual([
        `${path}: how tests are run is not the implementer's to change`,
      ]);
    },
  );

  const on = { 'package.json': npm({ scripts: { test: 'node --test', start: 'node .' } }) };
  const refused = [
    "package.json: how tests are run is not the implementer's to change: leave its scripts and its runners' settings as they are",
  ];

  test('may bring the first package.json, and add scripts of its own to the one that is there', async () => {
    expect(await objections('change', { 'package.json': npm({ scripts: { test: 'node --test' } }) })).toEqual([]);
    expect(
      await objections('change', { 'package.json': npm({ type: 'module' }) }, { on: { 'package.json': npm({}) } }),
    ).toEqual([]);
    const more = { scripts: { test: 'node --test', start: 'node .', seed: 'node seed.js' } };
    expect(await objections('change', { 'package.json': npm(more) }, { on })).toEqual([]);
  });

  test.each<[string, object]>([
    ['changes a script', { scripts: { test: 'true', start: 'node .' } }],
    ['removes one', { scripts: { test: 'node --test' } }],
    ['removes all', {}],
    ['puts one before another', { scripts: { test: 'node --test', start: 'node .', pretest: 'node patch.js' } }],
    ['configures a runner', { scripts: { test: 'node --test', start: 'node .' }, jest: { setupFiles: ['./a.js'] } }],
  ])('not when it %s', async (_, content) => {
    expect(await objections('change', { 'package.json': npm(content) }, { on })).toEqual(refused);
  });

  test('does not remove it or break it either', async () => {
    expect(await objections('change', {}, { on, deletions: ['package.json'] })).toEqual(refused);
    expect(await objections('change', { 'package.json': '{' }, { on })).toEqual([
      'package.json: what it depends on cannot be read',
    ]);
  });
});

describe('the tester', () => {
  test('writes tests, with helpers and fixtures', async () => {
    const files = {
      'test/a.test.js': 'x\n',
      'test/helpers.js': 'x\n',
      'tests/__init__.py': '',
      'tests/fixtures/u.json': '{}\n',
    };
    expect(await objections('suite', files)).toEqual([]);
  });

  test.each(['conftest.py', 'tests/conftest.py', 'tests/pytest.ini', 'test/jest.config.js'])(
    'does not write %s',
    async (path) => {
      expect(await objections('suite', { [path]: 'x\n' })).toEqual([
        `${path}: it could turn every test green, those of the base too; put fixtures into the test files or import them`,
      ]);
    },
  );

  test('writes no code', async () => {
    expect(await objections('suite', { 'src/a.js': 'x\n' })).toEqual(['src/a.js: this is no test file']);
  });
});

test.each(['change', 'suite'] as const)(
  'an empty %s is none, unless what is there already may be kept',
  async (kind) => {
    expect(await objections(kind, {})).toEqual(['it changes nothing']);
    expect(await objections(kind, {}, { mayKeep: true })).toEqual([]);
  },
);
