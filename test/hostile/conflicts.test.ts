// The base moves while a candidate waits for its approval: what is merged was tested on what it is merged into, and nobody's work is lost.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bare, fresh, git, sound, tip, write } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import { useMill } from '../scenarios/mill';

const mill = useMill({ definitions: small });

/** Somebody else's commit on the main branch, while we wait. */
function somebodyPushes(repository: string, files: Record<string, string>): string {
  const folder = fresh('somebody');
  git(mill.folder.path, 'clone', '--quiet', repository, folder);
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=Something of mine');
  git(folder, 'push', '--quiet', 'origin', 'main');
  return tip(repository);
}

/** Runs the tests of every commit that the main branch has ever stood at. */
function greenAtEveryCommit(repository: string): void {
  for (const commit of git(repository, 'rev-list', '--first-parent', 'main').split('\n')) {
    const folder = join(mill.folder.path, commit);
    mkdirSync(folder);
    execFileSync('sh', ['-c', `git -C '${repository}' archive ${commit} | tar -x -C '${folder}'`]);
    const { NODE_OPTIONS: _, ...env } = process.env;
    execFileSync(process.execPath, ['--test'], { cwd: folder, env: { ...env, NODE_TEST_CONTEXT: undefined } });
  }
}

test('by something unrelated: the approval stands, the tests run again on both together, and it is merged on top', async () => {
  const script = { implement: [change(code('add'))], tests: [suite(testing('add'))] };
  const run = await mill.milestone(script, { pipeline: 'quick' });
  const { subject } = await run.untilItWaitsFor('approval');
  const theirs = somebodyPushes(run.repository, { 'NOTES.md': 'mine\n' });
  await run.approve();

  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: subject });
  expect(run.git('log', '-1', '--format=%P', 'main')).toBe(`${theirs} ${subject}`);
  expect([run.onMain('NOTES.md'), run.onMain('src/add.js')]).toEqual(['mine', expect.stringContaining('add')]);
  expect(run.git('log', '-1', '--format=%(trailers:key=Millwright-Base,valueonly)', 'main')).toBe(theirs);
  const [again] = run.ledger().filter((path) => /^stages\/merge\/1-on-.*\/TestReport\.json$/.test(path));
  expect(JSON.parse(run.fromLedger(again!))).toMatchObject({
    ...{ candidate: subject, base: theirs, objections: [], tree: run.git('rev-parse', 'main^{tree}') },
  });
  expect(run.calls()).toHaveLength(2);
});

test('in the same lines: it goes back to the implementer with the conflict, is approved anew, and nothing is lost', async () => {
  const list = (...names: string[]) => ({ 'src/list.js': `exports.list = ${JSON.stringify(names)};\n` });
  const test = `const test = require('node:test');
test('b is listed', () => require('node:assert').ok(require('../src/list').list.includes('b')));
`;
  const run = await mill.milestone(
    { implement: [change(list('a', 'b')), change(list('a', 'b', 'c'))], tests: [suite({ 'test/list.test.js': test })] },
    { pipeline: 'quick', repository: bare(list('a')) },
  );
  const { subject: first } = await run.untilItWaitsFor('approval');
  const theirs = somebodyPushes(run.repository, list('a', 'c'));
  await run.approve();
  const { subject: second } = await run.untilItWaitsFor('approval', first);
  const told = run.prompt('implement', 2);
  expect(told).toContain('title="feedback from merge"');
  expect(told).toContain('conflicts with main in src/list.js');
  expect(told).toMatch(/<<<<<<< .*\n.*"c".*\n=======\n.*"b".*\n>>>>>>> /);

  await run.approve({ not: first });
  expect(await run.result()).toMatchObject({ outcome: 'merged', candidate: second });
  expect(run.onMain('src/list.js')).toBe('exports.list = ["a","b","c"];');
  expect(run.git('log', '-1', '--format=%P', 'main')).toBe(`${theirs} ${second}`);
  expect(run.calls({ stage: 'tests' })).toHaveLength(1);
  expect(sound(run.repository)).toBe('');
  await mill.keepHistory(run.id, 'milestone-merged-after-a-conflict');
});

test('by a milestone with which it does not work: the second goes back, and the branch is green at every commit', async () => {
  const unit = (value: number) => ({ 'src/unit.js': `exports.unit = () => ${value};\n` });
  const total = (by: string) => ({ 'src/total.js': `exports.total = (n) => n * require('./unit').unit()${by};\n` });
  const test = (name: string, call: string, expected: number) => ({
    [`test/${name}.test.js`]: `const test = require('node:test');
test('${name}', () => require('node:assert').strictEqual(require('../src/${name}').${call}, ${expected}));
`,
  });
  const run = await mill.project(
    {
      project: { understand: [understanding()], plan: [plan({ cents: [], total: [] })], deploy: [deployment()] },
      cents: { implement: [change(unit(100))], tests: [suite(test('unit', 'unit()', 100))] },
      total: { implement: [change(total('')), change(total(' / 100'))], tests: [suite(test('total', 'total(2)', 2))] },
    },
    { pipeline: 'quick', repository: bare(unit(1)) },
  );
  const [cents, second] = [mill.milestoneOf(run, 'cents'), mill.milestoneOf(run, 'total')];
  const { subject: first } = await second.untilItWaitsFor('approval');
  await cents.approve();
  await cents.result();
  await second.approve();
  await second.untilItWaitsFor('approval', first);
  const told = run.prompt('implement', 2, 'total');
  expect(told).toContain('title="feedback from merge"');
  expect(told).toMatch(/green alone, (and )?not on main as it is now/);
  expect(told).toContain('200 !== 2');
  // Its own work, and nothing that would undo the other's.
  expect(told).toContain("+exports.total = (n) => n * require('./unit').unit();");
  expect(told).not.toMatch(/^[-+](?![-+]).*(=> 1;|=> 100;|test\('unit')/m);

  const { milestones } = await run.delivered<{ milestones: { state: string }[] }>();
  expect(milestones.map(({ state }) => state)).toEqual(['merged', 'merged']);
  expect(run.calls({ milestone: 'cents' })).toHaveLength(2);
  greenAtEveryCommit(run.repository);
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});
