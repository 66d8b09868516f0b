// The demo's scenario, folded without Temporal: every answer is valid, and what it delivers really works.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request, scriptedPipelines, scenarioFile } from '../../scripts/demo/scenario';
import { scenario } from '../../scripts/demo/scenario/tales/milestone';
import type { Scenario, ScriptedCall } from '../../scripts/scripted-model/server';
import { artifacts, type Artifact, type ArtifactKind } from '../../src/domain/artifacts';
import { SUMMARY_LIMIT_CHARS } from '../../src/domain/handoff';
import { deploymentFiles } from '../../src/domain/artifacts/deployment-plan';
import { dimensions } from '../../src/domain/artifacts/evaluation';
import { ProjectRequest } from '../../src/domain/request';
import { addTests, applyChange, changed, empty, run, type Tree } from './tree';
import { shipped, walk } from './walk';

const weights = { correctness: 30, code_quality: 20, security: 20, maintainability: 15, scalability: 15 };

/** All of it, as a deployer is shown it. */
const everything = 'src/main.mjs src/tokens.mjs src/guards/20-rate-limit.mjs';

type Asked = Partial<Pick<ScriptedCall, 'iteration' | 'part' | 'turn'>> & { prompt?: string };

async function ask(milestone: string, kind: string, { prompt = '', ...about }: Asked = {}): Promise<unknown> {
  const answer = await scenario({
    project: 'demo',
    milestone,
    stage: 'stage',
    agent: 'agent',
    iteration: 1,
    model: 'scripted',
    schema: kind,
    turn: 1,
    messages: [{ role: 'user', content: prompt }],
    tools: [],
    key: `demo/${milestone}/${kind}`,
    attempt: 1,
    at: '2030-01-01T00:00:00.000Z',
    ...about,
  });
  return (answer as { json: unknown }).json;
}

/** The answer, after its own schema and what all artifacts have in common; nothing in it that the schema does not know. */
async function said<K extends ArtifactKind>(kind: K, milestone: string, about?: Asked) {
  const answer = await ask(milestone, kind, about);
  const artifact = artifacts[kind].parse(answer) as Artifact<K>;
  expect(answer).toEqual(artifact);
  expect(artifact.summary.length).toBeLessThanOrEqual(SUMMARY_LIMIT_CHARS);
  expect(artifact.confidence).toBeGreaterThanOrEqual(0.8);
  return artifact;
}

const change = (milestone: string, iteration = 1) => said('Change', milestone, { iteration });
const suite = (milestone: string) => said('TestSuite', milestone);
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
    await said('Understanding', 'project');
    const plan = await said('MilestonePlan', 'project');
    expect(plan.milestones.map(({ id, dependencies }) => [id, dependencies])).toEqual([
      ['accounts', []],
      ['login', ['accounts']],
      ['hardening', ['accounts']],
      ['notes', ['login']],
    ]);
    const { dockerfile, environment_variables } = await said('DeploymentPlan', 'project', { prompt: everything });
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(environment_variables.find(({ name }) => name === 'TOKEN_SECRET')?.required).toBe(true);
  });

  test.each(milestones)('%s is specified and designed as planned, in one part', async (id) => {
    const { milestones: planned } = await said('MilestonePlan', 'project');
    const milestone = planned.find((each) => each.id === id)!;
    const specification = await said('Specification', id);
    const architecture = await said('Architecture', id);

    expect(specification.acceptance_criteria).toEqual(milestone.acceptance_criteria);
    expect(specification.user_stories.length).toBeGreaterThanOrEqual(3);
    expect(specification.user_stories.length).toBeLessThanOrEqual(5);
    expect(specification.user_stories.filter((story) => !/^As an? .+, I want .+, so that .+\.$/.test(story))).toEqual(
      [],
    );
    expect(architecture.independent_parts).toEqual([]);
  });

  test.each(milestones)('%s: the tasks of the plan name the files that are then written', async (id) => {
    const { milestones: planned } = await said('MilestonePlan', 'project');
    const named = planned.find((each) => each.id === id)!.tasks.flatMap(({ files }) => files);
    const { files, edits } = await change(id);
    const written = [...new Set([...files, ...edits].map(({ path }) => path))];
    expect(written.filter((path) => !named.includes(path))).toEqual([]);
    expect(named.filter((path) => !written.includes(path))).toEqual([]);
  });

  test.each(milestones)('%s passes its review and its evaluation in the end', async (id) => {
    const last = await change(id, id === 'login' || id === 'notes' ? 2 : 1);
    const prompt = JSON.stringify(last);
    const review = await said('Review', id, { prompt });
    const { breakdown } = await said('Evaluation', id, { prompt });

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
      const review = await said('Review', 'login', { iteration, prompt: JSON.stringify(first) });
      expect(review.verdict).toBe('needs_revision');
      expect(review.issues.map(({ severity }) => severity)).toEqual(['major']);
      const [path, line] = review.issues[0]!.location.split(':');
      const { content } = first.files.find((file) => file.path === path)!;
      expect(content.split('\n')[Number(line) - 1]).toContain('signature !== sign(payload)');

      const again = await said('Review', 'login', { iteration, prompt: JSON.stringify(second) });
      expect(again.verdict).toBe('passed');
    }
    const { breakdown } = await said('Evaluation', 'login', { prompt: JSON.stringify(first) });
    expect(breakdown.security.score).toBeLessThan(3);
    expect(meanOf(breakdown)).toBeGreaterThanOrEqual(3.5);
  });

  test('whatever is not in the script throws', async () => {
    await expect(ask('project', 'Review')).rejects.toThrow('nothing is scripted for Review in project/stage/1');
    await expect(ask('payments', 'Change')).rejects.toThrow('nothing is scripted for Change in payments/stage/1');
    await expect(ask('login', 'MilestonePlan')).rejects.toThrow('MilestonePlan in login/stage/1');
    await expect(ask('login', 'TestSuite', { iteration: 2 })).rejects.toThrow('TestSuite in login/stage/2');
    await expect(ask('accounts', 'Change', { iteration: 2 })).rejects.toThrow('Change in accounts/stage/2');
    await expect(ask('accounts', 'Change', { part: 'users' })).rejects.toThrow('Change in accounts/stage/users/1');
    await expect(ask('accounts', 'Architecture', { part: 'server' })).rejects.toThrow('accounts/stage/server/1');
    await expect(ask('accounts', 'Change', { turn: 2, prompt: 'bad JSON' })).rejects.toThrow('sent back: bad JSON');
    await expect(ask('login', 'Review')).rejects.toThrow('was not shown');
    await expect(ask('project', 'DeploymentPlan')).rejects.toThrow('was not shown');
    await expect(ask('notes', 'TestAssessment')).rejects.toThrow('was not shown');
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

/** Which stages send work back, and why, with what else than the code and the tests is delivered. */
const ways: Record<string, { sentBack: string[]; beside: string[] }> = {
  milestone: { sentBack: ['login review (review)', 'notes verify (failing)'], beside: [] },
  'five-agents': {
    sentBack: ['login review (review)'],
    beside: ['Dockerfile', 'deploy/README.md', 'deploy/compose.yaml'],
  },
  roles: { sentBack: ['login review (review)', 'notes assess (fix)'], beside: [] },
  staged: { sentBack: ['login review (review)', 'notes test (failing)'], beside: [] },
  factory: { sentBack: [], beside: [] },
};

describe('by which pipeline', () => {
  test('each that has a script is one of these', () => {
    expect(scriptedPipelines).toEqual(Object.keys(ways).sort());
  });

  test.each(Object.entries(ways))('%s delivers the same code and tests', async (name, { sentBack, beside }) => {
    const { scenario } = (await import(scenarioFile(name))) as { scenario: Scenario };
    const told = { scenario, definition: await shipped(name) };
    const { milestones: planned } = await said('MilestonePlan', 'project');
    const { accounts, login, both } = await bases();
    const expected = [accounts, login, both, await merged(both, 'notes', 2)];
    const back: string[] = [];
    let tree = empty;
    for (const [at, milestone] of planned.entries()) {
      const walked = await walk(name, milestone, tree, told);
      tree = walked.tree;
      back.push(...walked.sentBack.map((words) => `${milestone.id} ${words}`));
      expect([milestone.id, changed(tree, expected[at]!)]).toEqual([milestone.id, beside]);
    }
    expect(back).toEqual(sentBack);
  });

  test('what five-agents has done side by side is each time a part of the plan', async () => {
    const { scenario } = (await import(scenarioFile('five-agents'))) as { scenario: Scenario };
    const { milestones: planned } = await said('MilestonePlan', 'project');
    const { accounts } = await bases();
    const told = { scenario, definition: await shipped('five-agents') };
    const { asked } = await walk('five-agents', planned[1]!, accounts, told);
    expect(asked).toEqual([
      ...['plan 1', 'code tokens 1', 'code sessions 1', 'cases 1', 'review tokens 1', 'review sessions 1'],
      ...['code 2', 'review tokens 2', 'review sessions 2', 'deploy 1', 'inspect 1'],
    ]);
  });

  test('the deployments of login and hardening merge into that of both', async () => {
    const [least, login, hardening] = everything.split(' ');
    const of = async (milestone: string, ...shown: (string | undefined)[]) =>
      deploymentFiles(await said('DeploymentPlan', milestone, { prompt: shown.join(' ') }));
    const before = await of('accounts', least);
    const [one, other] = [await of('login', least, login), await of('hardening', least, hardening)];
    const merge = (at: number) => mergedText(one[at]!.content, before[at]!.content, other[at]!.content);
    const both = await of('notes', least, login, hardening);
    expect(before.map((_, at) => merge(at))).toEqual(both.map(({ content }) => content));
  });
});

/** As git merges a file. */
function mergedText(...versions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-merge-'));
  try {
    const files = versions.map((text, at) => {
      writeFileSync(join(folder, `${at}`), text);
      return join(folder, `${at}`);
    });
    return execFileSync('git', ['merge-file', '--stdout', ...files], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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
