// Acceptance checks are the user's: no agent sees or changes them, what comes back are numbers and titles, and nothing merges without.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { judgeAcceptance } from '../../src/domain/acceptance';
import { judge } from '../../src/domain/gate';
import type { TestRun } from '../../src/domain/test-run';
import { toolsFor, useTool } from '../../src/activities/tools';
import { bare, ground, tip, worker } from '../adapters/git/ground';
import { change, code, suite, test as testing } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';

const CANARY = 'canary-4711';
const title = 'adds what is negative';
const checks = {
  'test/hidden.test.js': `const test = require('node:test'); const assert = require('node:assert'); // ${CANARY}
test('${title}', () => assert.strictEqual(require('../src/add').add(-2, -3), -5, '${CANARY}'));
test('adds nothing', () => assert.strictEqual(require('../src/add').add(0, 0), 0));
`,
  'test/fixtures/hidden.json': JSON.stringify({ CANARY }),
};

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(ground, 'acceptance-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

const ROOT = path.join(__dirname, '../..');
const start = (repository: string, acceptance: string) =>
  spawnSync(
    process.execPath,
    ['scripts/run.cjs', 'start', '--request', 'Sums', '--repository', repository, '--acceptance', acceptance],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1', MILLWRIGHT_HOME: path.join(ground, 'home') },
    },
  );

describe('start --acceptance', () => {
  test.each<[string, Record<string, string> | undefined, RegExp]>([
    ['that is not there', undefined, /--acceptance: .*nowhere is no folder/],
    ['that is empty', {}, /is empty/],
    ['without a test in it', { 'README.md': 'Add, please.', 'test/helper.js': '' }, /holds no test: a file named like/],
  ])('refuses a folder %s, before anything is started', (_, files, words) => {
    const { status, stderr } = start(bare(), files === undefined ? '/nowhere' : folderOf(files));
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('takes the folder to the repository, also to one that is not there yet, and to no branch', () => {
    for (const repository of [bare({ 'README.md': '' }), path.join(ground, 'new.git')]) {
      expect(start(repository, folderOf(checks)).status).toBe(5); // no server answers there
      const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
      const ref = git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/millwright-acceptance');
      const tree = ref.split(' ')[1]!;
      expect(ref).toBe(`refs/millwright-acceptance/${tree} ${tree}`);
      expect(git('ls-tree', '-r', '--name-only', tree).split('\n')).toEqual(Object.keys(checks).sort());
      expect(git('log', '--all', '--name-only', '--format=', 'refs/heads/*')).not.toContain('hidden');
    }
  });
});

describe('in a run', () => {
  const mill = useMill({ definitions: small });

  test('they fail, go back as a number and titles, then pass, and it merges; what they say reaches nobody', async () => {
    const repository = bare({ 'README.md': '# Sums\n' });
    const before = tip(repository);
    expect(start(repository, folderOf(checks)).status).toBe(5);
    const acceptance = execFileSync(
      'git',
      ['-C', repository, 'for-each-ref', '--format=%(objectname)', 'refs/millwright-acceptance'],
      { encoding: 'utf8' },
    ).trim();

    // Right where its own tests look, and a thief where others do: by titles, errors, output, and the disk.
    const thief = `exports.add = (a, b) => (a < 0 ? 0 : a + b);
const fs = require('fs'); const path = require('path'); const loot = [];
const look = (at) => { for (const name of fs.readdirSync(at)) { const to = path.join(at, name); if (fs.statSync(to).isDirectory()) look(to); else if (/hidden/.test(name)) loot.push(fs.readFileSync(to, 'utf8')); } };
look(process.cwd());
if (loot.length > 0) {
  const said = loot.join(' ').replace(/\\s+/g, ' ');
  console.log(said); console.error(said);
  for (const name of ['src/loot.txt', '/tmp/loot.txt', 'README.md']) fs.writeFileSync(name, said);
  require('vm').runInThisContext("(test, said) => test(said, () => { throw new Error(said) })", { filename: path.join(process.cwd(), 'test/hidden.test.js') })(require('node:test'), said);
  const add = exports.add; exports.add = (a, b) => { if (a < 0) throw new Error(said); return add(a, b); };
}
`;
    const run = await mill.milestone(
      { implement: [change({ 'src/add.js': thief }), change(code('add'))], tests: [suite(testing('add'))] },
      { repository, pipeline: 'quick', acceptance },
    );
    const candidate = await run.approve();
    expect(await run.result()).toMatchObject({ outcome: 'merged', candidate });
    expect(run.onMain('src/add.js')).toContain('a + b');
    expect(run.git('ls-tree', '-r', '--name-only', 'main')).not.toContain('hidden');

    const told = run.prompt('implement', 2);
    expect(told).toContain('acceptance failed: 2');
    expect(told).toContain(`acceptance: ${title}`);
    expect(told).toContain('acceptance: a test whose title is made while it runs');
    expect(JSON.stringify(run.calls())).not.toContain(CANARY);
    expect(await mill.history(run.id)).not.toContain(CANARY);
    const places = run
      .git('for-each-ref', '--format=%(refname)')
      .split('\n')
      .filter((ref) => !ref.includes('acceptance'));
    expect(run.git('log', '-p', '--format=%B', ...places)).not.toContain(CANARY);
    expect(run.git('rev-list', '--count', '--first-parent', `${before}..main`)).toBe('1');
    await mill.keepHistory(run.id, 'milestone-accepted');
  });
});

describe('what agents can reach', () => {
  test('is the commit that they are given: no tool reads the checks', async () => {
    const repository = bare({ 'README.md': '# Sums\n' });
    const { trees } = worker();
    start(repository, folderOf(checks));
    const at = { trees, repository, commit: tip(repository) };
    const names = ['list', 'read', 'search'] as const;
    expect(toolsFor(names).map((tool) => Object.keys(tool.parameters.properties as object))).toEqual([
      ['folder'],
      ['path'],
      ['text'],
    ]);
    const asked: [(typeof names)[number], object][] = [
      ['list', { folder: '' }],
      ['list', { folder: '../refs/millwright-acceptance' }],
      ['read', { path: 'test/hidden.test.js' }],
      ['read', { path: 'refs/millwright-acceptance' }],
      ['read', { path: ':(top)test/hidden.test.js' }],
      ['search', { text: CANARY }],
      ['search', { text: '--all' }],
    ];
    for (const [name, input] of asked) {
      const answer = await useTool(at, names, { id: '1', name, arguments: JSON.stringify(input) });
      expect(answer).not.toMatch(new RegExp(`${CANARY}\\b(?!")|hidden\\.test\\.js \\(`));
    }
  });
});

describe('what is made of their run', () => {
  const contents = new Map([
    ['test/a.test.js', "test('one', f); describe('group', () => { it(\"it's \\\"two\\\"\", g) });\n"],
  ]);
  const cases = (outcomes: Record<string, 'passed' | 'failed' | 'skipped'>, file = 'test/a.test.js') =>
    Object.entries(outcomes).map(([name, outcome]) => ({
      id: `${file} > ${name}`,
      file,
      name,
      outcome,
      error: CANARY,
    }));
  const ran = (found: ReturnType<typeof cases>, more: Partial<TestRun> = {}): TestRun => ({
    ...{
      runner: 'node',
      complete: true,
      cases: found,
      unloadable: [],
      lines: null,
      command: '',
      output: CANARY,
      ms: 1,
    },
    ...more,
  });
  const both = { one: 'passed', 'group > it\'s "two"': 'passed' } as const;

  test('all pass, or it failed', () => {
    expect(judgeAcceptance(contents, ran(cases(both)), undefined)).toEqual({ green: true, objections: [] });
    const reds: TestRun[] = [
      ran([]),
      ran(cases({ ...both, one: 'failed' })),
      ran(cases({ ...both, one: 'skipped' })),
      ran(cases(both), { complete: false, trouble: CANARY }),
      ran([], { unloadable: [{ file: 'test/a.test.js', error: CANARY, syntax: true }] }),
      ran(cases(both, 'src/a.js')),
    ];
    for (const run of reds) {
      const { green, objections } = judgeAcceptance(contents, run, undefined);
      expect(green).toBe(false);
      expect(objections[0]).toMatch(/^acceptance failed: [12]$/);
      expect(objections.join()).not.toContain(CANARY);
    }
  });

  test('says titles as they stand in the files, and no others', () => {
    const run = ran(
      cases({ 'group > it\'s "two"': 'failed', one: 'failed', [`${CANARY} one`]: 'failed', 'g > one': 'failed' }),
    );
    expect(judgeAcceptance(contents, run, undefined).objections).toEqual([
      'acceptance failed: 4',
      'acceptance: group > it\'s "two"',
      'acceptance: one',
      'acceptance: a test whose title is made while it runs',
    ]);
  });

  test('while other milestones are to come, what passed on the base must pass still', () => {
    const before = ran(cases({ ...both, one: 'failed' }));
    expect(judgeAcceptance(contents, ran(cases({ ...both, one: 'failed' })), before).green).toBe(true);
    expect(judgeAcceptance(contents, ran(cases({ one: 'passed' })), before).green).toBe(false);
    expect(judgeAcceptance(contents, ran([], { complete: false }), before).green).toBe(false);
    expect(judgeAcceptance(contents, ran([]), ran([])).green).toBe(true);
  });
});

test('the gate refuses a candidate that has not passed them, or has passed others', () => {
  const [sha, tree] = ['a'.repeat(40), 'b'.repeat(40)];
  const verify = { candidate: sha, base: sha, tree, green: true, total: 1, passed: 1, failed: 0, coverage: null };
  const approval = { subject: sha, by: 'ada', at: 'now' };
  const demand = { candidate: sha, base: sha, reviews: [], evaluations: [], approvers: [], sameFamilyReview: false };
  const verdict = (acceptance: object, facts: object) =>
    judge({ ...demand, ...acceptance }, { verify: { ...verify, ...facts }, reviews: {}, evaluations: {}, approval })
      .pass;
  expect(verdict({}, {})).toBe(true);
  expect(verdict({ acceptance: tree }, { acceptance: tree })).toBe(true);
  expect(verdict({ acceptance: tree }, {})).toBe(false);
  expect(verdict({ acceptance: tree }, { acceptance: sha })).toBe(false);
});
