// The demo's scenario, folded without Temporal: every answer is valid, and what it delivers really works.
import { request, scenario } from '../../scripts/demo/scenario';
import type { ScriptedCall } from '../../scripts/scripted-model/server';
import { artifacts, type Artifact, type ArtifactKind } from '../../src/domain/artifacts';
import { SUMMARY_LIMIT_CHARS } from '../../src/domain/handoff';
import { dimensions } from '../../src/domain/artifacts/evaluation';
import { ProjectRequest } from '../../src/domain/request';
import { addTests, applyChange, changed, empty, run, type Tree } from './tree';

const weights = { correctness: 30, code_quality: 20, security: 20, maintainability: 15, scalability: 15 };

type Asked = Partial<Pick<ScriptedCall, 'iteration' | 'part' | 'turn'>> & { prompt?: string };

async function ask(milestone: string, stage: string, { prompt = '', ...about }: Asked = {}): Promise<unknown> {
  const answer = await scenario({
    project: 'demo',
    milestone,
    stage,
    agent: stage,
    iteration: 1,
    model: 'scripted',
    schema: '',
    turn: 1,
    messages: [{ role: 'user', content: prompt }],
    tools: [],
    key: `demo/${milestone}/${stage}`,
    attempt: 1,
    at: '2030-01-01T00:00:00.000Z',
    ...about,
  });
  return (answer as { json: unknown }).json;
}

/** The answer, after its own schema and what all artifacts have in common; nothing in it that the schema does not know. */
async function said<K extends ArtifactKind>(kind: K, milestone: string, stage: string, about?: Asked) {
  const answer = await ask(milestone, stage, about);
  const artifact = artifacts[kind].parse(answer) as Artifact<K>;
  expect(answer).toEqual(artifact);
  expect(artifact.summary.length).toBeLessThanOrEqual(SUMMARY_LIMIT_CHARS);
  expect(artifact.confidence).toBeGreaterThanOrEqual(0.8);
  return artifact;
}

const change = (milestone: string, iteration = 1) => said('Change', milestone, 'implement', { iteration });
const suite = (milestone: string) => said('TestSuite', milestone, 'tests');
const milestones = ['accounts', 'login', 'hardening', 'notes'];

/** The base, the candidates in the order in which they are handed in, and the milestone's own test files. */
async function built(base: Tree, milestone: string, versions: number) {
  const tests = await suite(milestone);
  const candidates: Tree[] = [];
  let code = base;
  for (let iteration = 1; iteration <= versions; iteration += 1) {
    code = applyChange(code, await change(milestone, iteration));
    candidates.push(addTests(code, tests));
  }
  return { before: addTests(base, tests), candidates, files: tests.files.map(({ path }) => path), cases: tests.cases };
}

const merged = async (base: Tree, milestone: string, versions = 1) =>
  (await built(base, milestone, versions)).candidates.at(-1)!;

async function bases() {
  const accounts = await merged(empty, 'accounts');
  const login = await merged(accounts, 'login', 2);
  const hardening = await merged(accounts, 'hardening');
  return { accounts, login, hardening, both: await merged(login, 'hardening') };
}

describe('what is said', () => {
  test('the request is one that a project accepts', () => {
    expect(ProjectRequest.parse({ request, repository: 'demo.git' }).request).toBe(request);
  });

  test('the project is understood, planned in four milestones, and has a plan for its deployment', async () => {
    await said('Understanding', 'project', 'understand');
    const plan = await said('MilestonePlan', 'project', 'plan');
    expect(plan.milestones.map(({ id, dependencies }) => [id, dependencies])).toEqual([
      ['accounts', []],
      ['login', ['accounts']],
      ['hardening', ['accounts']],
      ['notes', ['login']],
    ]);
    const { dockerfile, environment_variables } = await said('DeploymentPlan', 'project', 'deploy');
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(environment_variables.find(({ name }) => name === 'TOKEN_SECRET')?.required).toBe(true);
  });

  test.each(milestones)('%s is specified and designed as planned, in one part', async (id) => {
    const { milestones: planned } = await said('MilestonePlan', 'project', 'plan');
    const milestone = planned.find((each) => each.id === id)!;
    const specification = await said('Specification', id, 'specify');
    const architecture = await said('Architecture', id, 'design');

    expect(specification.acceptance_criteria).toEqual(milestone.acceptance_criteria);
    expect(specification.user_stories.length).toBeGreaterThanOrEqual(3);
    expect(specification.user_stories.length).toBeLessThanOrEqual(5);
    expect(specification.user_stories.filter((story) => !/^As an? .+, I want .+, so that .+\.$/.test(story))).toEqual(
      [],
    );
    expect(architecture.independent_parts).toEqual([]);
  });

  test.each(milestones)('%s: the tasks of the plan name the files that are then written', async (id) => {
    const { milestones: planned } = await said('MilestonePlan', 'project', 'plan');
    const named = planned.find((each) => each.id === id)!.tasks.flatMap(({ files }) => files);
    const { files, edits } = await change(id);
    const written = [...new Set([...files, ...edits].map(({ path }) => path))];
    expect(written.filter((path) => !named.includes(path) && path !== 'package.json')).toEqual([]);
    expect(named.filter((path) => !written.includes(path))).toEqual([]);
  });

  test.each(milestones)('%s passes its review and its evaluation in the end', async (id) => {
    const last = await change(id, id === 'login' || id === 'notes' ? 2 : 1);
    const prompt = JSON.stringify(last);
    const review = await said('Review', id, 'review', { prompt });
    const { breakdown } = await said('Evaluation', id, 'evaluate', { prompt });

    expect(review.verdict).toBe('passed');
    expect(review.score).toBeGreaterThanOrEqual(0.8);
    expect(review.criteria.filter(({ met, why }) => !met || why === '')).toEqual([]);
    expect(review.issues.filter(({ severity }) => severity !== 'minor')).toEqual([]);
    expect(meanOf(breakdown)).toBeGreaterThanOrEqual(3.5);
    expect(Math.min(...dimensions.map((each) => breakdown[each].score))).toBeGreaterThanOrEqual(2);
  });

  test('the first version of login is sent back for an issue that it has, whatever the count of iterations', async () => {
    const [first, second] = [await change('login', 1), await change('login', 2)];
    for (const iteration of [1, 2, 3]) {
      const review = await said('Review', 'login', 'review', { iteration, prompt: JSON.stringify(first) });
      expect(review.verdict).toBe('needs_revision');
      expect(review.issues.map(({ severity }) => severity)).toEqual(['major']);
      const [path, line] = review.issues[0]!.location.split(':');
      const { content } = first.files.find((file) => file.path === path)!;
      expect(content.split('\n')[Number(line) - 1]).toContain('signature !== sign(payload)');

      const again = await said('Review', 'login', 'review', { iteration, prompt: JSON.stringify(second) });
      expect(again.verdict).toBe('passed');
    }
    const { breakdown } = await said('Evaluation', 'login', 'evaluate', { prompt: JSON.stringify(first) });
    expect(breakdown.security.score).toBeLessThan(3);
    expect(meanOf(breakdown)).toBeGreaterThanOrEqual(3.5);
  });

  test('whatever is not in the script throws', async () => {
    await expect(ask('project', 'review')).rejects.toThrow('nothing is scripted for project/review/1');
    await expect(ask('payments', 'specify')).rejects.toThrow('nothing is scripted for payments/specify/1');
    await expect(ask('login', 'plan')).rejects.toThrow('nothing is scripted for login/plan/1');
    await expect(ask('login', 'tests', { iteration: 2 })).rejects.toThrow('login/tests/2');
    await expect(ask('accounts', 'implement', { iteration: 2 })).rejects.toThrow('accounts/implement/2');
    await expect(ask('accounts', 'implement', { part: 'users' })).rejects.toThrow('accounts/implement/users/1');
    await expect(ask('accounts', 'specify', { turn: 2, prompt: 'bad JSON' })).rejects.toThrow('sent back: bad JSON');
    await expect(ask('login', 'review')).rejects.toThrow('was not shown');
  });
});

describe('what is delivered', () => {
  test('accounts: all of its tests fail in the empty repository and pass with its change', async () => {
    await expectDelivered(empty, 'accounts', 1);
  });

  test('login: both versions pass its tests, which fail on accounts', async () => {
    const { accounts } = await bases();
    await expectDelivered(accounts, 'login', 2);
    const { candidates } = await built(accounts, 'login', 2);
    expect((await run(candidates[0]!)).failed).toEqual([]);
  });

  test('hardening: all of its tests fail on accounts and pass with its change', async () => {
    await expectDelivered((await bases()).accounts, 'hardening', 1);
  });

  test('login and hardening merge in either order into the same tree, which passes everything', async () => {
    const { accounts, login, hardening, both } = await bases();
    const ofLogin = changed(accounts, login);
    expect(changed(accounts, hardening).filter((path) => ofLogin.includes(path))).toEqual([]);
    expect(changed(await merged(hardening, 'login', 2), both)).toEqual([]);
    expect((await run(both)).failed).toEqual([]);
  });

  test('hardening fails all of its tests on the tree with login too, as login does on the one with hardening', async () => {
    const { login, hardening } = await bases();
    await expectToFailBefore(login, 'hardening');
    await expectToFailBefore(hardening, 'login');
  });

  test('notes: the first version shows everybody’s notes to everybody, and its tests say so', async () => {
    const { login } = await bases();
    const { candidates } = await built(login, 'notes', 1);
    const { failed } = await run(candidates[0]!);
    expect(failed).toEqual(
      ['GET', 'PUT', 'DELETE'].map(
        (method) => `answers ${method} for the note of somebody else as if there were none, and leaves it alone`,
      ),
    );
  });

  test('notes: corrected, it passes, with hardening merged before it and without', async () => {
    const { login, both } = await bases();
    await expectDelivered(login, 'notes', 2);
    await expectDelivered(both, 'notes', 2);
  });

  test('notes and hardening merge in either order into the same tree', async () => {
    const { login, both } = await bases();
    const [notesLast, hardeningLast] = [
      await merged(both, 'notes', 2),
      await merged(await merged(login, 'notes', 2), 'hardening'),
    ];
    expect(changed(notesLast, hardeningLast)).toEqual([]);
  });
});

async function expectToFailBefore(base: Tree, milestone: string): Promise<void> {
  const { before, files } = await built(base, milestone, 1);
  const { passed, failed } = await run(before, files);
  expect(passed).toEqual([]);
  expect(failed.length).toBeGreaterThanOrEqual(files.length);
}

/** Its tests fail before; after it everything passes, what passed before included, and nearly every line has run. */
async function expectDelivered(base: Tree, milestone: string, versions: number): Promise<void> {
  await expectToFailBefore(base, milestone);
  const { candidates, cases } = await built(base, milestone, versions);
  const before = base.size === 0 ? { passed: [] } : await run(base);
  const { passed, failed, coverage } = await run(candidates.at(-1)!);

  expect(failed).toEqual([]);
  expect(before.passed.filter((name) => !passed.includes(name))).toEqual([]);
  expect(cases.filter(({ name }) => !passed.includes(name))).toEqual([]);
  expect(coverage).toBeGreaterThanOrEqual(80);
}

function meanOf(breakdown: Artifact<'Evaluation'>['breakdown']): number {
  return dimensions.reduce((sum, each) => sum + (breakdown[each].score * weights[each]) / 100, 0);
}
