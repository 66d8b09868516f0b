import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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
  createYamlDefinitions({ folders: { shipped: root }, environment, sameFamilyReview });
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

test('the two lines that switch a check of mutants on are those of the page', async () => {
  const page = await readFile(join(shipped, 'docs/test-strength.md'), 'utf8');
  const [, stage, needs] = /```yaml\n( {2}mutants: \{.*\})\n( {4}needs: .*)\n```/.exec(page)!;
  await edit('pipelines/milestone.yaml', '  review:\n', `${stage}\n  review:\n`);
  await edit('pipelines/milestone.yaml', '    needs: [review, evaluate]', needs!);
  const { stages } = (await definitions().resolve('milestone', 'milestone')).definition.pipelines.milestone!;
  expect(stages.mutants).toMatchObject({ check: 'mutants', when: expect.stringContaining('change.lines') });
  expect(stages.approve!.needs).toEqual(['review', 'evaluate', 'mutants']);
});

test('only what the run uses is recorded', async () => {
  const { definition } = await definitions().resolve('milestone', 'milestone');
  expect(Object.keys(definition.pipelines)).toEqual(['milestone']);
  expect(Object.keys(definition.agents)).not.toContain('planner');
});

test('a pipeline that is not there is named, with those that are', async () => {
  expect(await refusal('project', 'waterfall')).toBe(
    'there is no pipeline "waterfall"; there is design-build-deploy, factory, five-agents, milestone, roles, staged',
  );
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
    'guidance for a later stage',
    'pipelines/milestone.yaml',
    '{ to: implement, max: 5, then: escalate }',
    '{ to: implement, max: 5, guided: { odd: merge } }',
    /stages\.approve\.onRework\.guided\.odd: work cannot go back to "merge"/,
  ],
  [
    'side by side what cannot be joined',
    'pipelines/milestone.yaml',
    'agent: architect, needs: [specify]',
    'agent: architect, needs: [specify], fanOut: specify.parts',
    /^pipelines\/milestone\.yaml:6: stages\.design\.fanOut: "architect" writes Architecture, and .*Change, TestSuite, Review/,
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
    'mutants before the tests have passed',
    'pipelines/milestone.yaml',
    'check: tests\n    needs: [implement, tests]\n    coverage: 80',
    'check: mutants\n    needs: [implement, tests]',
    /stages\.verify\.check: mutants say something of tests that pass: it needs a check of the tests before it/,
  ],
  [
    'survivors that go to the implementer',
    'pipelines/milestone.yaml',
    '  review:\n',
    '  mutants: { check: mutants, needs: [verify], onRework: { to: implement, max: 1 } }\n  review:\n',
    /stages\.mutants\.check: .*"implement" did not: onRework\.to a stage that writes a TestSuite/,
  ],
  [
    'a threshold of what has none',
    'pipelines/milestone.yaml',
    'coverage: 80',
    'threshold: 0.5',
    /threshold goes with check: mutants/,
  ],
  [
    'an expression that does not parse',
    'pipelines/milestone.yaml',
    'change.lines > 10',
    'change.lines >',
    /^pipelines\/milestone\.yaml:\d+: stages\.review\.when: not a CEL expression/,
  ],
  [
    'an expression about what is not there',
    'pipelines/milestone.yaml',
    'change.lines > 10',
    'chnge.lines > 10',
    /^pipelines\/milestone\.yaml:\d+: stages\.review\.when: nothing before review is called "chnge"; expected one of specify, .*change/,
  ],
  [
    'an unknown key',
    'pipelines/milestone.yaml',
    'rubric: default',
    'rubrik: default',
    /^pipelines\/milestone\.yaml:\d+: stages\.evaluate\.rubrik: unknown rubrik; expected agent, check, .*rubric, /,
  ],
  [
    'a name that is none',
    'pipelines/milestone.yaml',
    '  approve:',
    '  Approve It:',
    /^pipelines\/milestone\.yaml:\d+: stages\.Approve It: expected 1 to 48 of a–z/m,
  ],
  [
    'an alias without its anchor',
    'pipelines/milestone.yaml',
    'name: milestone',
    'name: *nowhere',
    /^pipelines\/milestone\.yaml:\d+: Unresolved alias/,
  ],
  [
    'a variable that is not set',
    'models.yaml',
    '${OPENAI_MODEL:-gpt-5}',
    '${MY_MODEL}',
    /^models\.yaml:\d+: models\.frontier-a\.model: the environment variable MY_MODEL is not set/,
  ],
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
    /agent "specifier" reads "merge", which is not a stage before specify; expected one of request, milestone, repository, candidate$/,
  ],
  [
    'a stage that reads what is not there',
    'pipelines/milestone.yaml',
    'agent: architect, needs: [specify]',
    'agent: architect, needs: [specify], reads: [specify, repositry]',
    /^pipelines\/milestone\.yaml:6: stages\.design\.reads\.1: agent "architect" reads "repositry", .*; expected one of .*repository, candidate, specify$/,
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

describe("a user's own folder is laid over the shipped ones", () => {
  let own: string;
  beforeEach(async () => void (own = await mkdtemp(join(tmpdir(), 'own-'))));
  afterEach(() => rm(own, { recursive: true }));

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(own, path)), { recursive: true });
    await writeFile(join(own, path), text);
  };
  const resolved = (pipeline = 'milestone') =>
    createYamlDefinitions({ folders: { shipped: root, own }, environment: families, sameFamilyReview: false }).resolve(
      pipeline,
      'milestone',
    );
  const shippedText = (path: string) => readFile(join(shipped, path), 'utf8');

  test('an empty one changes nothing', async () => {
    const bare = createYamlDefinitions({ folders: { shipped: root }, environment: families, sameFamilyReview: false });
    expect(await resolved()).toEqual(await bare.resolve('milestone', 'milestone'));
  });

  test('a pipeline and an agent of a new name stand beside the shipped ones', async () => {
    await write('pipelines/solo.yaml', 'name: solo\nstages: { write: { agent: poet } }\n');
    await write('agents/poet/agent.yaml', 'role: writes\nmodel: [frontier-a]\nwrites: Change\n');
    await write('agents/poet/prompt.md', 'You write.\n');
    expect((await resolved('solo')).prompts).toEqual({ poet: 'You write.\n' });
    expect(Object.keys((await resolved()).definition.pipelines)).toEqual(['milestone']);
  });

  test('a file of the same name takes the place of the shipped one, and the others stay', async () => {
    await write(
      'pipelines/milestone.yaml',
      (await shippedText('pipelines/milestone.yaml')).replace('coverage: 80', 'coverage: 55'),
    );
    const { definition } = await resolved();
    expect(definition.pipelines.milestone!.stages.verify!.coverage).toBe(55);
    expect(definition.agents.reviewer!.writes).toBe('Review');
  });

  test('an agent may have a prompt of its own under the shipped YAML, and YAML of its own with the shipped prompt', async () => {
    await write('agents/tester/prompt.md', 'Test it.\n');
    await write('agents/reviewer/agent.yaml', (await shippedText('agents/reviewer/agent.yaml')).replace('12', '3'));
    const { definition, prompts } = await resolved();
    expect(prompts.tester).toBe('Test it.\n');
    expect(definition.agents.tester!.writes).toBe('TestSuite');
    expect(definition.agents.reviewer!.turns).toBe(3);
    expect(prompts.reviewer).toBe(await shippedText('agents/reviewer/prompt.md'));
  });

  test('models.yaml is replaced as a whole', async () => {
    const model = (alias: string, family: string) =>
      `  ${alias}: { endpoint: 'http://localhost:1/v1', model: m, family: ${family} }\n`;
    await write('models.yaml', `models:\n${model('frontier-a', 'x')}${model('frontier-b', 'y')}`);
    expect((await resolved()).definition.models['frontier-b']).toMatchObject({ family: 'y' });
    await write('models.yaml', `models:\n${model('frontier-a', 'x')}`);
    await expect(resolved()).rejects.toThrow('names the model "frontier-b"; expected one of frontier-a');
  });

  test.each([
    [
      'pipelines/mine.yaml',
      'name: mine\nstages:\n  a: { agnt: x }\n',
      ':3: stages.a.agnt: unknown agnt; expected agent',
    ],
    ['pipelines/mine.yaml', 'name: other\nstages: {}\n', ':1: name: expected "mine", the name of the file'],
    [
      'pipelines/mine.yaml',
      'name: mine\nstages:\n  a:\n    agent: x\n    onRework:\n      to: a\n',
      ':5: stages.a.onRework.max: it is missing; expected number',
    ],
    ['pipelines/mine.yml', 'name: mine\nstages: {}\n', ':1: expected a name that ends in .yaml'],
    ['agents/poet/agent.yaml', 'role: writes\nmodel: frontier-a\nwrites: Change\n', ':2: model: '],
    ['models.yaml', 'models:\n  a:\n    model: m\n', ':2: models.a.endpoint: '],
  ])('what is wrong in %s is said with its whole path and line', async (path, text, words) => {
    await write('agents/poet/prompt.md', 'You write.\n');
    if (!path.startsWith('agents'))
      await write('agents/poet/agent.yaml', await shippedText('agents/tester/agent.yaml'));
    await write(path, text);
    await expect(resolved()).rejects.toMatchObject({
      type: 'InvalidDefinition',
      message: expect.stringContaining(`${join(own, path)}${words}`),
    });
  });

  test('half an agent is refused, naming the half that is not there', async () => {
    await write('agents/poet/prompt.md', 'You write.\n');
    await expect(resolved()).rejects.toThrow(`${join(own, 'agents/poet/agent.yaml')}:1: it cannot be read: ENOENT`);
  });
});
