// What cannot work is refused at once, with its reason, before anything is spent.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bare, git } from '../adapters/git/ground';
import { useMill } from './mill';

const mill = useMill({ definitions: {} });
const repository = bare();
const whole = { request: 'Sums, please.', repository };

async function refusal(type: 'deliverProject' | 'deliverMilestone', id: string, ...input: unknown[]) {
  const { type: failure, message, nonRetryable } = await (await mill.start(type, id, ...input)).failure();
  expect(nonRetryable).toBe(true);
  expect(mill.model.calls).toEqual([]);
  return `${failure}: ${message}`;
}

describe.each(['deliverProject', 'deliverMilestone'] as const)('%s fails at once', (type) => {
  const id = type === 'deliverProject' ? 'shop' : 'shop/login';
  const refused = (input: unknown) => refusal(type, id, input);

  test('without a repository', async () => {
    expect(await refused({ request: 'Sums, please.' })).toMatch(/^InvalidInput: request: .*\n.*repository/);
  });

  test('with a key that it does not know, and names it', async () => {
    expect(await refused({ ...whole, aproved: true })).toMatch(/^InvalidInput: .*Unrecognized key: "aproved"/);
  });

  test('with no input, or with what is none', async () => {
    expect(await refused(undefined)).toMatch(/^InvalidInput: request: .*expected object/);
    expect(await refused('Sums, please.')).toMatch(/^InvalidInput: request: .*expected object/);
  });

  test('with a pipeline that does not exist, and names those that do', async () => {
    expect(await refused({ ...whole, pipeline: 'waterfall' })).toBe(
      'InvalidInput: there is no pipeline "waterfall"; there is design-build-deploy, factory, five-agents, milestone, roles, staged',
    );
  });

  test('with a repository that is none, and leaves it as it is', async () => {
    const file = join(mill.folder.path, 'a-file');
    writeFileSync(file, 'not a repository');
    expect(await refused({ ...whole, repository: file })).toMatch(/^InvalidInput: .*a-file/);
    expect(await refused({ ...whole, base: 'nowhere' })).toMatch(/^InvalidInput: .*nowhere/);
    expect(await refused({ ...whole, base: '../x' })).toMatch(/^InvalidInput: .*not a branch name/);
  });
});

test('a project whose id is no slug fails at once', async () => {
  expect(await refusal('deliverProject', 'My Shop', whole)).toMatch(/^InvalidInput: the project's id "My Shop": /);
  expect(await refusal('deliverProject', 'shop/login', whole)).toMatch(/^InvalidInput: /);
});

test('a milestone takes what a project hands down from a project only', async () => {
  expect(await refusal('deliverMilestone', 'shop/login', undefined, whole)).toMatch(/^InvalidInput: request: /);
  const handedDown = { ...whole, place: { project: 'other', milestone: 'login' }, approvers: [] };
  expect(await refusal('deliverMilestone', 'shop/login', {}, handedDown)).toMatch(/^InvalidInput: request: /);
});

test('a milestone whose id is none fails at once', async () => {
  expect(await refusal('deliverMilestone', 'shop/log in', whole)).toMatch(/^InvalidInput: .*"shop\/log in"/);
  expect(await refusal('deliverMilestone', 'shop/a/b', whole)).toMatch(/^InvalidInput: .*"shop\/a\/b"/);
  // The project keeps its own ledger under this name.
  expect(await refusal('deliverMilestone', 'shop/project', whole)).toMatch(/^InvalidInput: .*"shop\/project"/);
});

test('a pipeline of a whole project is refused for a single milestone', async () => {
  expect(await refusal('deliverMilestone', 'alone', { ...whole, pipeline: 'design-build-deploy' })).toBe(
    'InvalidInput: "design-build-deploy" is a pipeline for a whole project; start deliverProject with it',
  );
});

test('the frame around the pipeline that a request names cannot be named itself', async () => {
  expect(await refusal('deliverProject', 'shop', { ...whole, pipeline: 'project' })).toBe(
    'InvalidInput: "project" is what stands around the pipeline that a request names, and no such pipeline itself; there is design-build-deploy, factory, five-agents, milestone, roles, staged',
  );
});

describe("a broken definition of the user's own is refused with its whole path, line and what was expected", () => {
  const broken = async (file: string, content: string, request: object = {}) => {
    const own = mill.environment.MILLWRIGHT_CONFIG!;
    const path = join(own, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return (await refusal('deliverProject', 'shop', { ...whole, ...request })).replaceAll(own, '<own>');
  };
  const stages = (...lines: string[]) => ['name: mine', 'stages:', ...lines.map((line) => `  ${line}`), ''].join('\n');
  const mine = (...lines: string[]) => broken('pipelines/mine.yaml', stages(...lines), { pipeline: 'mine' });

  test('what is no YAML', async () => {
    expect(await mine('specify: { agent: specifier', 'design: 3')).toMatch(
      /^InvalidDefinition: <own>\/pipelines\/mine\.yaml:\d+: /,
    );
  });

  test('an agent that does not exist', async () => {
    expect(await mine('specify: { agent: specifier }', 'design: { agent: artist }')).toMatch(
      /^InvalidDefinition: <own>\/pipelines\/mine\.yaml:4: stages\.design\.agent: unknown agent "artist"; expected one of architect,/,
    );
  });

  test('a merge without tests and approval before it', async () => {
    const words = await mine('implement: { agent: specifier }', 'merge: { merge: base, needs: [implement] }');
    expect(words).toContain(
      '<own>/pipelines/mine.yaml:4: stages.merge.merge: merge is reachable without a check of the tests',
    );
    expect(words).toContain('merge is reachable without an approval of the candidate');
  });

  test('work that could come back for ever', async () => {
    expect(await mine('specify: { agent: specifier, onRework: { to: specify } }')).toMatch(
      /^InvalidDefinition: <own>\/pipelines\/mine\.yaml:3: stages\.specify\.onRework\.max: /,
    );
  });

  test('stages that wait for each other', async () => {
    expect(await mine('a: { agent: specifier, needs: [b] }', 'b: { agent: specifier, needs: [a] }')).toMatch(
      /^InvalidDefinition: <own>\/pipelines\/mine\.yaml:3: .*wait for each other: a → b → a/,
    );
  });
});

test('a review by the family that wrote the code is refused', async () => {
  mill.environment.REVIEW_FAMILY = mill.environment.OPENAI_FAMILY;
  expect(await refusal('deliverProject', 'shop', whole)).toMatch(
    /^InvalidDefinition: pipelines\/milestone\.yaml:\d+: stages\.review\.agent: "reviewer" reviews work of its own model family/,
  );
});

test('nothing was written by any of this', () => {
  expect(git(repository, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});
