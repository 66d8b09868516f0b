import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createYamlDefinitions } from '../../src/adapters/yaml-definitions';

const shipped = resolve(__dirname, '../..');
const families = { OPENAI_FAMILY: 'one', REVIEW_FAMILY: 'other' };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'definitions-'));
  for (const part of ['pipelines', 'agents', 'models.yaml'])
    await cp(join(shipped, part), join(root, part), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const definitions = (environment: Record<string, string> = families, sameFamilyReview = false) =>
  createYamlDefinitions({ root, environment, sameFamilyReview });
const edit = async (path: string, from: string | RegExp, to: string) =>
  writeFile(join(root, path), (await readFile(join(root, path), 'utf8')).replace(from, to));
const refusal = async (level: 'project' | 'milestone' = 'milestone', pipeline = 'milestone') =>
  definitions()
    .resolve(pipeline, level)
    .then(
      () => 'it was taken',
      (error: Error) => error.message,
    );

test('the shipped pipelines are sound, and a project runs the one that is asked for', async () => {
  const { definition, prompts } = await definitions().resolve('milestone', 'project');
  expect(definition.top).toBe('project');
  expect(definition.pipelines.project!.stages.build).toMatchObject({
    pipeline: 'milestone',
    forEach: 'plan.milestones',
  });
  expect(Object.keys(prompts).sort()).toEqual([
    'architect',
    'deployer',
    'evaluator',
    'implementer',
    'planner',
    'reviewer',
    'specifier',
    'tester',
    'understander',
  ]);
  expect(JSON.stringify(definition)).not.toContain('OPENAI_API_KEY');
});

test('only what the run uses is recorded', async () => {
  const { definition } = await definitions().resolve('milestone', 'milestone');
  expect(Object.keys(definition.pipelines)).toEqual(['milestone']);
  expect(Object.keys(definition.agents)).not.toContain('planner');
});

test('a pipeline that is not there is named, with those that are', async () => {
  expect(await refusal('project', 'waterfall')).toBe('there is no pipeline "waterfall"; there is design-build-deploy, five-agents, milestone, project, roles, staged');
});

test.each<[string, string, string | RegExp, string, RegExp]>([
  [
    'an unknown agent',
    'pipelines/milestone.yaml',
    'agent: specifier',
    'agent: novelist',
    /^pipelines\/milestone\.yaml:5: stages\.specify\.agent: unknown agent "novelist"; expected one of /,
  ],
  [
    'a need that is no stage',
    'pipelines/milestone.yaml',
    'needs: [specify]',
    'needs: [specfy]',
    /^pipelines\/milestone\.yaml:6: stages\.design\.needs\.0: unknown stage "specfy"/,
  ],
  [
    'a circle',
    'pipelines/milestone.yaml',
    '{ agent: specifier }',
    '{ agent: specifier, needs: [design] }',
    /stages wait for each other: .*specify → design → specify/,
  ],
  [
    'a loop without a cap',
    'pipelines/milestone.yaml',
    '{ to: implement, max: 5, then: escalate }',
    '{ to: implement }',
    /^pipelines\/milestone\.yaml:\d+: stages\.approve\.onRework\.max: /,
  ],
  [
    'rework to a later stage',
    'pipelines/milestone.yaml',
    '{ to: implement, max: 5, then: escalate }',
    '{ to: merge, max: 5 }',
    /work cannot go back to "merge": it is not a stage before approve/,
  ],
  [
    'a merge without an approval',
    'pipelines/milestone.yaml',
    'needs: [approve]',
    'needs: [review, evaluate]',
    /merge is reachable without an approval of the candidate/,
  ],
  [
    'a merge whose check may be skipped',
    'pipelines/milestone.yaml',
    'check: tests\n',
    'check: tests\n    when: change.lines > 3\n',
    /merge is reachable without a check of the tests/,
  ],
  [
    'an expression that does not parse',
    'pipelines/milestone.yaml',
    'change.lines > 10',
    'change.lines >',
    /^pipelines\/milestone\.yaml:\d+: stages\.review\.when: not a CEL expression/,
  ],
  ['an unknown key', 'pipelines/milestone.yaml', 'rubric: default', 'rubrik: default', /rubrik/],
  ['YAML that does not parse', 'pipelines/milestone.yaml', 'stages:', 'stages: [', /^pipelines\/milestone\.yaml:\d+: /],
  [
    'an unknown artifact',
    'agents/reviewer/agent.yaml',
    'writes: Review',
    'writes: Poem',
    /^agents\/reviewer\/agent\.yaml:5: writes: /,
  ],
  [
    'an unknown model',
    'agents/reviewer/agent.yaml',
    'frontier-b',
    'oracle',
    /agent "reviewer" names the model "oracle"; expected one of frontier-a, frontier-b/,
  ],
  [
    'an agent that reads a later stage',
    'agents/specifier/agent.yaml',
    'repository]',
    'repository, merge]',
    /agent "specifier" reads "merge", which is not a stage before specify/,
  ],
  [
    'a reviewer of the family that wrote the code',
    'agents/reviewer/agent.yaml',
    'frontier-b',
    'frontier-a',
    /"reviewer" reviews work of its own model family \(one\)/,
  ],
])('%s is refused, with file and line', async (_, path, from, to, message) => {
  await edit(path, from, to);
  expect(await refusal()).toMatch(message);
});

test('reviews by one family are taken where the operator has accepted them', async () => {
  const same = { OPENAI_FAMILY: 'one', REVIEW_FAMILY: 'one' };
  await expect(definitions(same).resolve('milestone', 'milestone')).rejects.toMatchObject({
    type: 'InvalidDefinition',
  });
  const { definition } = await definitions(same, true).resolve('milestone', 'milestone');
  expect(definition.sameFamilyReview).toBe(true);
});
