// The tree as people see it, in 80 columns and fewer.
import { widthOf } from '../../../scripts/cli/columns';
import { drawTree, type TreeOptions } from '../../../scripts/cli/tree';
import { noUsage } from '../../../src/domain/usage';
import { CANDIDATE, done, milestone, NOW, running, stage, status, waits } from './statuses';

const options: TreeOptions = { width: 80, now: NOW, color: false };

const refused = { at: '2030-01-01T12:09:00Z', kind: 'approve', by: 'mallory', accepted: false, reason: 'no approver' };

const project = status('shop', {
  title: 'Add JWT login to this API',
  stages: [
    done('understand', 'A small API in plain Node.'),
    done('plan', 'Three milestones, of which two are side by side, and the third needs both of them.'),
    stage('agree', { kind: 'approval', state: 'skipped', summary: 'request.agreePlan' }),
    running('build', { kind: 'pipeline', startedAt: '2030-01-01T12:05:00.000Z' }),
    stage('deploy'),
  ],
  milestones: [
    milestone('accounts', { state: 'merged', reason: 'merged as 0123456789, approved by ada' }),
    milestone('login', { state: 'running', dependencies: ['accounts'] }),
    milestone('notes', { dependencies: ['login'] }),
  ],
});
const accounts = status('shop/accounts', {
  ...{ title: 'Accounts', state: 'merged', endedAt: '2030-01-01T12:04:00.000Z' },
  usage: { ...noUsage, costUsd: 0.0246 },
  stages: [done('specify', 'What accounts are.'), done('merge', 'merged into main as 0123456789')],
});
const login = status('shop/login', {
  ...{ title: 'Login', state: 'waiting', waitingFor: waits() },
  stages: [
    done('specify', 'What a login is.'),
    done('implement', 'Tokens that expire.', { iteration: 2 }),
    stage('review', { iteration: 1, summary: 'Compared with !==.' }),
    running('approve', { kind: 'approval' }),
    stage('merge', { kind: 'merge' }),
  ],
  decisions: { accepted: 0, refused: 1, recent: [refused as never] },
});

test('shows stages, milestones and their stages with rounds, times, costs, and what waits for whom', () => {
  expect(drawTree(project, [accounts, login], options).map(withoutTime)).toEqual([
    '▶ shop  Add JWT login to this API                               10m 00s  $0.0492',
    '├ ✓ understand  A small API in plain Node.                           5s  $0.0123',
    '├ ✓ plan        Three milestones, of which two are side by sid…      5s  $0.0123',
    '├ ↷ agree       not needed: request.agreePlan',
    '├ ▶ build                                                        5m 00s',
    '│ ├ ✓ accounts  merged as 0123456789, approved by ada · Accoun…  4m 00s  $0.0246',
    '│ │ ├ ✓ specify  What accounts are.                                  5s  $0.0123',
    '│ │ └ ✓ merge    merged into main as 0123456789                      5s  $0.0123',
    '│ ├ ! login     Login                                           10m 00s',
    '│ │ ├ ! waits for approval since HH:MM (3m 00s): the candidate 6f7c73c58b',
    `│ │ ├   ${CANDIDATE}`,
    '│ │ ├ ✗ approve by mallory refused at HH:MM: no approver',
    '│ │ ├ ✓ specify       What a login is.                               5s  $0.0123',
    '│ │ ├ ✓ implement ×2  Tokens that expire.                            5s  $0.0123',
    '│ │ ├ ↺ review        to be done again: Compared with !==.',
    '│ │ ├ ▶ approve                                                  3m 20s',
    '│ │ └ · merge',
    '│ └ · notes     Milestone notes (needs login)',
    '└ · deploy',
  ]);
});

const withoutTime = (line: string) => line.replace(/(since|at) (?:\d{4}-\d\d-\d\d )?\d\d:\d\d/, '$1 HH:MM');

test('says how many are ahead in a busy queue', () => {
  const waitingFor = waits({
    for: 'queue:millwright-sandbox',
    detail: 'millwright-sandbox (12 ahead)',
    subject: undefined,
  });
  const lines = drawTree({ ...login, waitingFor }, [], options).map(withoutTime);
  expect(lines[1]).toBe('├ ! waiting: queue millwright-sandbox (12 ahead) since HH:MM (3m 00s)');
});

test('shows what was tried so far, until it is merged', () => {
  const breakdown = { correctness: 1, code_quality: 4, security: 4, maintainability: 4, scalability: 4 };
  const attempts = [{ iteration: 1, score: 3.1, breakdown, summary: 'correctness 1 is under 2' }];
  const draw = (about: object) => drawTree(status('shop/mvp', { attempts, ...about }), [], options).slice(1);
  expect(draw({ state: 'failed' })).toEqual(['└ ↺ attempt 1 scored 3.1 of 5: correctness 1 is under 2']);
  expect(draw({ state: 'merged', score: 4 })).toEqual([]);
});

test('shows the status that the pipeline gives its work, and what was handed over last', () => {
  const board = { task_id: 'shop/login', fields: {}, status: 'tested(fail)', last: 'test: one fails' };
  const lines = drawTree(status('shop/login', { board }), [], options);
  expect(lines.slice(1)).toEqual(['└ ▪ board: tested(fail), after test: one fails']);
  expect(drawTree(status('shop/login', { board: { task_id: 'shop/login', fields: {} } }), [], options)).toHaveLength(1);
});

test('shows what of a budget is spent, and what is reserved', () => {
  const drawn = (reservedUsd: number) =>
    drawTree(status('shop', { budget: { usd: 20, spentUsd: 7.5, reservedUsd } }), [], options).join('\n');
  expect(drawn(0.64)).toContain('$ budget: $7.50 of $20.00 spent, $0.64 reserved');
  expect(drawn(0)).toMatch(/\$20\.00 spent\s*$/m);
});

test('shows a milestone on its own as well', () => {
  const lines = drawTree(login, [], options);
  expect(lines[0]).toMatch(/^! shop\/login {2}Login/);
  expect(lines.at(-1)).toBe('└ · merge');
});

test.each([40, 60, 80, 120])('never draws over %d columns, wide characters and colours included', (width) => {
  const title = '数据库 🎉 with a long title that goes on and on and on, much further than anybody would like to read';
  const wide = {
    ...login,
    title,
    stages: [done('a-stage-with-a-rather-long-name-of-its-own', title), ...login.stages],
  };
  for (const color of [false, true]) {
    for (const line of drawTree({ ...project, title }, [accounts, wide], { ...options, width, color })) {
      // eslint-disable-next-line no-control-regex
      expect(widthOf(line.replace(/\u001b\[\d*m/g, ''))).toBeLessThanOrEqual(width);
    }
  }
});

test('folds ended milestones first, then what is done, and cuts at the end, to fit the screen', () => {
  const draw = (rows: number) => drawTree(project, [accounts, login], { ...options, rows });
  expect(draw(19)).toHaveLength(19);
  expect(draw(18).filter((line) => line.includes('specify'))).toHaveLength(1);
  expect(draw(14).some((line) => line.includes('specify'))).toBe(false);
  expect(draw(14).some((line) => line.includes(CANDIDATE))).toBe(true);
  expect(draw(5)).toHaveLength(5);
  expect(draw(5).at(-1)).toMatch(/^… \d+ more lines$/);
});

test('keeps what models wrote from acting on the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007done\r\n\u202Eevil\u0000';
  const lines = drawTree({ ...project, title: hostile }, [{ ...login, title: hostile, reason: hostile }], options);
  // eslint-disable-next-line no-control-regex
  expect(lines.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(lines[0]).toContain('done evil');
});

test('says which activity is being tried again, why, and when', () => {
  const retry = { run: login.id, activity: 'callAgent', attempt: 4, failure: '429 too many requests' };
  const draw = (nextAt?: string) =>
    drawTree(project, [login], { ...options, retries: [{ ...retry, ...(nextAt && { nextAt }) }] }).join('\n');
  expect(draw('2030-01-01T12:10:12Z')).toContain('↻ callAgent failed, attempt 4 in 12s: 429 too many requests');
  expect(draw()).toContain('attempt 4 now: 429');
});

test('paints only where colour is wanted', () => {
  expect(drawTree(project, [accounts, login], options).join('')).not.toContain('\u001b');
  expect(drawTree(project, [accounts, login], { ...options, color: true }).join('')).toContain('\u001b[32m✓');
});
