// A package that a model dreams up, or that is named like another, comes in only where a person has allowed it by name.
import { createDependencies } from '../../src/adapters/dependencies';
import { proposeChange, proposeSuite } from '../../src/activities/change';
import { bare, tip, worker } from '../adapters/git/ground';
import { ask, changeOf } from './asked';

const json = (content: object) => `${JSON.stringify(content, null, 2)}\n`;
const base = {
  'package.json': json({ name: 'shop', dependencies: { express: '^4.18.0' }, devDependencies: { jest: '^29.0.0' } }),
  'package-lock.json': json({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/express': {}, 'node_modules/a/node_modules/@types/qs': {} },
  }),
  'requirements.txt': 'flask==3.0.0\n',
  'poetry.lock': '[[package]]\nname = "Zope.Interface"\nversion = "6"\n',
  'pyproject.toml':
    '[project]\nname = "shop"\ndependencies = [\n  "flask>=3",\n]\n[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"\n',
  'go.mod': 'module shop\n',
};
const { trees } = worker();
const repository = bare(base);
const allowing = bare({
  ...base,
  '.millwright.yaml': 'dependencies: [lodash, "left-pad@file:vendor/left-pad", httpx, go.mod]\n',
});

async function said(files: Record<string, string>, { on = repository, operators = [] as string[], asks = false } = {}) {
  const dependencies = createDependencies(trees, { allowed: operators, asks });
  const at = { trees, dependencies, repository: on, base: tip(on), start: tip(on) };
  return (await proposeChange(at, changeOf(files) as never)).objections;
}
const npm = (more: object) => ({ 'package.json': json({ ...(JSON.parse(base['package.json']) as object), ...more }) });
const pyproject = (more: string) => ({ 'pyproject.toml': `${base['pyproject.toml']}${more}` });
const refused = (path: string, one: string) => [
  `${path}: ${one} is a new dependency that nobody has allowed; do without it`,
];

test.each<[string, Record<string, string>, string, string]>([
  [
    'a name that nobody knows',
    npm({ dependencies: { express: '^4.18.0', 'express-jsonn': '^1.0.0' } }),
    'package.json',
    'express-jsonn@^1.0.0',
  ],
  ['one for development', npm({ devDependencies: { jest: '^29.0.0', eslint: '9' } }), 'package.json', 'eslint@9'],
  ['an optional one', npm({ optionalDependencies: { fsevents: '*' } }), 'package.json', 'fsevents@*'],
  ['one that others must bring', npm({ peerDependencies: { react: '18' } }), 'package.json', 'react@18'],
  [
    'one in the place of another',
    npm({ overrides: { express: { qs: 'npm:evil@1' } } }),
    'package.json',
    'qs@npm:evil@1',
  ],
  [
    'a known one from elsewhere',
    npm({ dependencies: { express: 'github:evil/express' } }),
    'package.json',
    'express@github:evil/express',
  ],
  [
    'a known one from an address',
    npm({ dependencies: { express: 'https://evil.example/x.tgz' } }),
    'package.json',
    'express@https://evil.example/x.tgz',
  ],
  [
    'a known one under the name of another',
    npm({ dependencies: { express: 'npm:evil@4' } }),
    'package.json',
    'express@npm:evil@4',
  ],
  [
    'one in a package inside',
    { 'packages/a/package.json': json({ dependencies: { evil: '1' } }) },
    'packages/a/package.json',
    'evil@1',
  ],
  ['one for Python', { 'requirements.txt': 'flask==3.0.0\nreqeusts>=2 # typo\n' }, 'requirements.txt', 'reqeusts@>=2'],
  [
    'one in further requirements',
    { 'requirements-dev.txt': 'evil[extra]==1 ; python_version > "3"\n' },
    'requirements-dev.txt',
    'evil@==1',
  ],
  [
    'another index',
    { 'requirements.txt': '--extra-index-url https://evil.example/\nflask==3.0.0\n' },
    'requirements.txt',
    '--extra-index-url https://evil.example/@as it stands',
  ],
  [
    'a known one by its address',
    { 'requirements.txt': 'flask @ git+https://evil.example/flask\n' },
    'requirements.txt',
    'flask@@ git+https://evil.example/flask',
  ],
  [
    'one in a project',
    { 'pyproject.toml': base['pyproject.toml'].replace('"flask>=3",', '"flask>=3",\n  "evil>=1",') },
    'pyproject.toml',
    'evil@>=1',
  ],
  ['one in a group', pyproject('[project.optional-dependencies]\ndev = ["evil"]\n'), 'pyproject.toml', 'evil@*'],
  ['one of poetry', pyproject('[tool.poetry.group.dev.dependencies]\nevil = "^1"\n'), 'pyproject.toml', 'evil@^1'],
  [
    'one with a table of its own',
    pyproject('[tool.poetry.dependencies.evil]\nextras = ["x"]\n'),
    'pyproject.toml',
    'evil@*',
  ],
  ['what builds it', pyproject('[build-system]\nrequires = ["evil-backend"]\n'), 'pyproject.toml', 'evil-backend@*'],
])('%s is refused, by name and version', async (_, files, path, one) => {
  expect(await said(files)).toEqual(expect.arrayContaining(refused(path, one)));
});

test('where a person is asked, a name with a plain version may be proposed, and an address, a file or an alias may not', async () => {
  const asks = true;
  expect(await said(npm({ dependencies: { 'left-pad': '^1.3.0', '@scope/words': '2.0.0' } }), { asks })).toEqual([]);
  expect(await said({ 'requirements.txt': 'httpx==0.27.0\n' }, { asks })).toEqual([]);
  for (const evil of ['github:evil/x', 'https://evil.example/x.tgz', 'file:../x', 'npm:evil@1', 'git+ssh://evil/x'])
    expect(await said(npm({ dependencies: { x: evil } }), { asks })).toEqual(refused('package.json', `x@${evil}`));
  expect(await said(npm({ dependencies: { '../x': '1.0.0' } }), { asks })).toEqual(
    refused('package.json', '../x@1.0.0'),
  );
  expect(await said({ 'requirements.txt': '--index-url https://evil.example/\n' }, { asks })).toHaveLength(1);
});

test('a manifest in words that are not read here, or that cannot be read, is a person’s to change', async () => {
  expect(await said({ 'go.mod': 'module shop\nrequire evil v1\n' })).toEqual([
    'go.mod: what it depends on cannot be read here; a person has to allow the change of this file',
  ]);
  expect(await said({ 'app/package.json': '{' })).toEqual(['app/package.json: what it depends on cannot be read']);
});

test('the tester brings none either', async () => {
  const at = {
    trees,
    dependencies: createDependencies(trees),
    repository,
    base: tip(repository),
    start: tip(repository),
  };
  const files = [{ path: 'test/package.json', content: json({ dependencies: { evil: '1' } }) }];
  const { objections } = await proposeSuite(at, { summary: '', confidence: 1, cases: [], deletions: [], files });
  expect(objections).toEqual(refused('test/package.json', 'evil@1'));
});

test('what the base has, in a lockfile or a manifest, may be used, in any plain version', async () => {
  expect(await said(npm({ dependencies: { express: '^5.0.0', '@types/qs': '6.x' }, version: '2.0.0' }))).toEqual([]);
  expect(await said({ 'packages/a/package.json': json({ dependencies: { jest: '>=29 <31' } }) })).toEqual([]);
  expect(await said({ 'requirements.txt': 'Flask==3.1.0\nzope-interface\n' })).toEqual([]);
  expect(await said(pyproject('[build-system]\nrequires = ["setuptools>=61"]\n[tool.ruff]\nselect = ["E"]\n'))).toEqual(
    [],
  );
});

test('what a person has allowed in the base may be used: a name in any plain version, and an address to the letter', async () => {
  const on = allowing;
  expect(await said(npm({ dependencies: { lodash: '^4.0.0', 'left-pad': 'file:vendor/left-pad' } }), { on })).toEqual(
    [],
  );
  expect(await said({ 'requirements.txt': 'httpx\n', 'go.mod': 'module shop\nrequire x v1\n' }, { on })).toEqual([]);
  expect(await said(npm({ dependencies: { lodash: 'evil/lodash' } }), { on })).toEqual(
    refused('package.json', 'lodash@evil/lodash'),
  );
  expect(await said(npm({ dependencies: { zod: '4' } }), { operators: ['zod'] })).toEqual([]);
});

test('no model allows itself one: the list is the base’s, and a list that cannot be read allows nothing', async () => {
  const files = { ...npm({ dependencies: { evil: '1' } }), '.millwright.yaml': 'dependencies: [evil]\n' };
  expect((await said(files)).join()).toContain('.millwright.yaml: how tests are run');
  const broken = bare({ ...base, '.millwright.yaml': 'dependencies: [evil\n' });
  expect(await said(npm({ dependencies: { evil: '1' } }), { on: broken })).toEqual(refused('package.json', 'evil@1'));
});

test('an agent is told which one it must do without, and does', async () => {
  const evil = changeOf({ ...npm({ dependencies: { 'express-jsonn': '^1.0.0' } }), 'a.js': '1\n' });
  const { handoff, heard } = await ask({ repository, writes: 'Change', says: [evil, changeOf({ 'a.js': '1\n' })] });
  expect(heard[1]!.messages.at(-1)!.content).toContain(
    'express-jsonn@^1.0.0 is a new dependency that nobody has allowed',
  );
  expect(handoff.status).toBe('ok');
  const insists = await ask({ repository: bare(base), writes: 'Change', says: [evil] });
  expect(insists.handoff).toMatchObject({ status: 'blocked', cause: 'invalid-answer' });
  expect(insists.handoff.summary).toContain('express-jsonn@^1.0.0');
});
