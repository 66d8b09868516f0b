// What a person sees before they approve: the candidate with evidence about this very commit and no other, or the plan.
import { candidateLines, planLines } from '../../../scripts/cli/subject-lines';
import { CANDIDATE, done, stage, status } from './statuses';

const tested = { green: true, total: 12, passed: 12, failed: 0, coverage: 91.25, candidate: CANDIDATE };
const reviewed = {
  ...{ verdict: 'passed', score: 0.9, issues: 2, criticals: 0, majors: 0, unmet: 0, candidate: CANDIDATE },
  ...{ model: 'frontier-b', family: 'scripted-b' },
};
const evaluated = { mean: 4.4, scores: { correctness: 4.7, security: 4.1 }, candidate: CANDIDATE };

const run = status('shop/login', {
  title: 'Login',
  stages: [
    done('verify', 'green', { kind: 'check', facts: tested, iteration: 2 }),
    done('review', 'fine', { facts: reviewed }),
    done('evaluate', 'fine', { facts: evaluated }),
    stage('approve', { kind: 'approval' }),
  ],
});

test('shows the commit in full, what changes, the tests, the review and the scores', () => {
  const files = [{ path: 'src/login.mjs', added: 40, deleted: 2 }];
  expect(candidateLines(run, CANDIDATE, { files })).toEqual([
    'Candidate of shop/login: Login',
    `  candidate   ${CANDIDATE}`,
    `  base        ${'0'.repeat(40)} (main)`,
    '  repository  /srv/api.git',
    '  changes     1 files, +40 −2',
    '       +40     −2  src/login.mjs',
    '  verify      green: 12 of 12 passed, 0 failed, 91.3 % of lines covered (round 2)',
    '  review      passed, score 0.9, 2 issues (0 critical, 0 major), 0 criteria unmet, by frontier-b (scripted-b)',
    '  evaluate    mean 4.4 of 5: correctness 4.7, security 4.1',
  ]);
});

test('says when the changes cannot be read from here', () => {
  const lines = candidateLines(run, CANDIDATE, { unread: 'no such\nfolder' });
  expect(lines).toContain('  changes     cannot be read from here: no such folder');
});

test('shows no evidence about another commit, and says what the pipeline left out', () => {
  const stale = done('verify', 'green', { kind: 'check', facts: { ...tested, candidate: 'f'.repeat(40) } });
  const skipped = stage('review', { state: 'skipped', summary: 'change.lines > 10' });
  const lines = candidateLines({ ...run, stages: [stale, skipped] }, CANDIDATE, { files: [] });
  expect(lines.slice(5)).toEqual(['  review      skipped by the pipeline: change.lines > 10']);
});

test('does not say green of tests that are not', () => {
  const red = done('verify', 'red', { kind: 'check', facts: { ...tested, green: false, passed: 11, failed: 1 } });
  expect(candidateLines({ ...run, stages: [red] }, CANDIDATE, { files: [] }).at(-1)).toMatch(/NOT green: 11 of 12/);
});

test('names many files only so far', () => {
  const files = Array.from({ length: 40 }, (_, at) => ({ path: `src/${at}.mjs`, added: 1, deleted: 0 }));
  const lines = candidateLines({ ...run, stages: [] }, CANDIDATE, { files });
  expect(lines).toHaveLength(4 + 1 + 15 + 1);
  expect(lines.at(-1)).toBe('    and 25 more');
});

test('keeps the names of files and milestones from acting on the terminal', () => {
  const files = [{ path: '\u001b[2Ksrc/\u202Esjm.nigol', added: 1, deleted: 0 }];
  const text = candidateLines({ ...run, title: 'a\u001b]0;b\u0007c' }, CANDIDATE, { files }).join('\n');
  expect(text).toContain('src/sjm.nigol');
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
});

test('shows a plan with its milestones and what they need', () => {
  const digest = 'cd'.repeat(32);
  const milestones = [
    { id: 'accounts', title: 'Accounts', dependencies: [] },
    { id: 'login', title: 'Login', dependencies: ['accounts'] },
  ];
  const project = status('shop', {
    title: 'Add JWT login',
    stages: [done('plan', 'Two', { facts: { milestones, digest } })],
  });
  expect(planLines(project, digest)).toEqual([
    'Plan of shop: Add JWT login',
    `  digest      ${digest}`,
    '  milestones  2',
    '    accounts: Accounts',
    '    login: Login (needs accounts)',
  ]);
});
