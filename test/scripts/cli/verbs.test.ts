// The verbs as people use them, from start to report: real processes, a real server, real git, a scripted model.
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Sight } from '../../../scripts/cli/sight';
import type { FinalReport } from '../../../src/domain/artifacts/final-report';
import type { DecisionRecord } from '../../../src/domain/decision';
import { approve, decisions } from '../../../src/workflows/messages';
import { isUnanswered, openTown, type Said, type Town } from './town';

jest.setTimeout(900_000);

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const start = (project: string, ...more: string[]) =>
  town.verb('start', '--request', 'Accounts for our API', '--repository', 'api.git', '--project', project, ...more);
const candidateOf = ({ milestones }: Sight) => milestones[0]?.waitingFor?.subject;
const awaitingApproval = (sight: Sight) => candidateOf(sight) !== undefined;
const firstLineOf = (text: string) => text.split('\n')[0]!;

describe('with no server', () => {
  test('says so, and what to do, with an exit code of its own', async () => {
    const said = await town.verbWith({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'status');
    expect(said.code).toBe(5);
    expect(said.err).toMatch(/^No Temporal server answers at 127\.0\.0\.1:1 .*npm run dev/);
  });
});

describe('with input that cannot work', () => {
  test.each([
    ['no request', ['--repository', 'x'], /--request/],
    ['an empty request', ['--request', ' ', '--repository', 'x'], /^--request: too small/],
    ['a file that is not there', ['--request-file', 'nowhere.md', '--repository', 'x'], /nowhere\.md cannot be read/],
    ['a repository that runs a program', ['--request', 'x', '--repository', 'ext::sh'], /^--repository: "ext::sh"/],
    [
      'a password in the URL',
      ['--request', 'x', '--repository', 'https://ada:s3cret@example.com/app.git'],
      /^--repository: it must not hold a password(?![^]*s3cret)/,
    ],
    ['too many at once', ['--request', 'x', '--repository', 'x', '--max-parallel', '99'], /^--max-parallel: too big/],
    ['no waiting at all', ['--request', 'x', '--repository', 'x', '--max-waiting', '0'], /^--max-waiting: too small/],
    ['no number', ['--request', 'x', '--repository', 'x', '--max-parallel', 'two'], /whole number/],
    ['a bad id', ['--request', 'x', '--repository', 'x', '--project', 'Not An Id'], /^--project: expected 1 to 48/],
    ['an unknown option', ['--request', 'x', '--repository', 'x', '--nonsense'], /unknown option '--nonsense'/],
  ])('start refuses %s, naming the value', async (_, args, words) => {
    const said = await town.verb('start', ...args);
    expect(said.code).toBe(2);
    expect(said.err).toMatch(words);
    expect(said.err).not.toMatch(/^\s+at /m);
  });

  test('worker refuses a queue that does not exist, and words that are not the words', async () => {
    const queue = await town.verb('worker', '--queues', 'workflows,nonsense');
    expect([queue.code, firstLineOf(queue.err)]).toEqual([2, expect.stringContaining('no queue "nonsense"')]);
    const words = await town.verbWith({ MILLWRIGHT_SAME_FAMILY_REVIEW: 'yes' }, 'worker');
    expect([words.code, firstLineOf(words.err)]).toEqual([
      2,
      expect.stringContaining('the environment cannot be used'),
    ]);
  });

  test('every verb refuses a run that is not there', async () => {
    for (const args of [['status'], ['report'], ['approve', '--by', 'ada'], ['pause', '--by', 'ada']]) {
      const said = await town.verb(args[0]!, 'nobody', ...args.slice(1));
      expect([said.code, said.err]).toEqual([4, expect.stringMatching(/^There is no run "nobody"/)]);
    }
  });
});

test('every verb teaches itself: usage, an example and the exit codes', async () => {
  const names = ['start', 'status', 'approve', 'request-changes', 'guide', 'report', 'worker', 'dev'];
  const said = await Promise.all(names.map(async (name) => ({ name, ...(await town.verb(name, '--help')) })));
  for (const { name, code, out } of said) {
    expect(code).toBe(0);
    expect(out).toContain(`Usage: npm run ${name} --`);
    expect(out).toMatch(/Examples:\n {2}npm run /);
    expect(out).toContain('4  there is no such run');
  }
});

describe('from start to report', () => {
  test('starts without a worker, and says that none is up', async () => {
    const said = await start('shop', '--approver', 'ada');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(firstLineOf(said.out)).toBe('Started project shop');
    expect(said.out).toContain(`${town.server.uiUrl}/namespaces/default/workflows/shop`);
    expect(said.out).toContain('no worker answers; start one: npm run worker');
    expect(said.out).toContain('npm run status -- shop --watch');
  });

  test('without a worker, status has what is on record, and a decision is not sent into the dark', async () => {
    const status = await town.verb('status', 'shop');
    expect(status.code).toBe(0);
    expect(status.out).toMatch(/^shop: running \(as last recorded\)\nno worker answers/);
    const pause = await town.verb('pause', 'shop', '--by', 'ada');
    expect([pause.code, pause.err]).toEqual([5, expect.stringMatching(/^No worker answers for shop, so nothing/)]);
    expect((await town.verb('approve', 'shop', '--by', 'ada')).code).toBe(5);
    const listed = /^▶ shop {2}running for .*Accounts for our API/;
    expect(await town.status(listed)).toMatch(listed);
  });

  test('a worker serves all queues, without noise', async () => {
    const worker = await town.startWorker();
    const [line] = await worker.said(/^ready .*$/m);
    expect(line).toBe('ready millwright millwright-agents millwright-sandbox millwright-gate');
  });

  test('does not start a project that is running already', async () => {
    const said = await start('shop');
    expect([said.code, said.err]).toEqual([2, expect.stringMatching(/^A project "shop" is running already/)]);
  });

  test('waits for an approval, in the tree and in the inbox', async () => {
    const sight = await town.until('shop', awaitingApproval);
    const tree = await town.status(/waits for approval since/, 'shop');
    expect(tree).toMatch(/^▶ shop +Accounts for our API/);
    expect(tree).toMatch(/│ └ ! accounts .*\n.*! waits for approval since .*: the candidate/);
    expect(tree).toContain(candidateOf(sight));
    expect(tree).toContain('→ npm run approve -- shop/accounts --by <your name>');
    expect(await town.status(/waits for approval: /)).toContain('waits for approval: shop/accounts');
  });

  test('refuses a wrong candidate in words, and sends nothing', async () => {
    const said = await town.verb('approve', 'shop', '--candidate', 'f00dbad', '--by', 'ada');
    expect([said.code, said.err]).toEqual([3, expect.stringMatching(/^Refused, .* f00dbad is not what waits/)]);
    expect((await town.verb('approve', 'shop', '--candidate', 'short', '--by', 'ada')).code).toBe(2);
    expect(await records('shop/accounts')).toEqual([]);
  });

  test('the run itself refuses a wrong candidate too, and status shows that', async () => {
    await town.client.workflow.getHandle('shop/accounts').signal(approve, { subject: 'f00d'.repeat(10), by: 'ada' });
    expect(await records('shop/accounts')).toMatchObject([{ accepted: false, subject: 'f00d'.repeat(10) }]);
    const refused = /✗ approve by ada refused at .*: it names f00df00df0/;
    expect(await town.status(refused, 'shop')).toMatch(refused);
  });

  test('refuses somebody who is no approver, and the candidate goes on waiting', async () => {
    const said = await town.verb('approve', 'shop', '--by', 'mallory', '--paths', 'package.json');
    expect(said.code).toBe(3);
    expect(said.err).toBe('Refused: approve of shop/accounts: mallory is not one of those who may decide: ada.\n');
    expect(awaitingApproval(await answeredBy('shop', 1))).toBe(true);
  });

  test('does not guide or skip what is not stuck', async () => {
    const project = await town.verb('guide', 'shop', '--by', 'ada', '--note', 'x');
    expect([project.code, project.err]).toEqual([3, expect.stringContaining('nothing of shop waits for guidance')]);
    const milestone = await town.verb('skip', 'shop/accounts', '--by', 'ada');
    expect([milestone.code, milestone.err]).toEqual([3, expect.stringContaining('nothing has been escalated')]);
  });

  test('pauses once, and resumes', async () => {
    expect((await town.verb('pause', 'shop', '--by', 'ada')).code).toBe(0);
    const again = await town.verb('pause', 'shop', '--by', 'ada');
    expect([again.code, again.err]).toEqual([3, expect.stringContaining('it is paused already')]);
    expect((await town.verb('resume', 'shop', '--by', 'ada')).code).toBe(0);
    await town.until('shop', awaitingApproval);
  });

  test('sets a budget only where there is one, and only a sum', async () => {
    const none = await town.verb('budget', 'shop', '--usd', '5', '--by', 'ada');
    expect([none.code, none.err]).toEqual([3, expect.stringContaining('was not started with a budget')]);
    const free = await town.verb('budget', 'shop', '--usd', 'lots', '--by', 'ada');
    expect([free.code, free.err]).toEqual([2, expect.stringContaining('such as 20 or 2.50')]);
  });

  test('approves no protected path that is not named', async () => {
    const unnamed = await town.verb('approve', 'shop', '--by', 'ada', '--yes');
    expect([unnamed.code, unnamed.err]).toEqual([3, expect.stringContaining('--paths package.json')]);
  });

  test('approves, with what is approved in view', async () => {
    const candidate = candidateOf(await town.until('shop', awaitingApproval))!;
    const named = ['--candidate', candidate.slice(0, 8), '--paths', 'package.json'];
    const said = await town.verb('approve', 'shop', ...named, '--by', 'ada', '--note', 'good');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain(candidate);
    expect(said.out).toMatch(/changes +17 files, \+\d+ −0/);
    expect(said.out).toMatch(/verify +green: 27 of 27 passed, 0 failed, \d+\.\d % of lines covered/);
    expect(said.out).toMatch(/review +passed, score 0\.9, .* by frontier-b \(scripted-b\)/);
    expect(said.out).toMatch(/evaluate +mean 4\.\d+ of 5: correctness/);
    expect(said.out).toContain('Accepted: approve of shop/accounts by ada.');
  });

  test('follows it to its end, line by line where there is no terminal', async () => {
    const said = await town.verb('status', 'shop', '--watch');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toMatch(/^\d\d:\d\d:\d\d shop: complete$/m);
    expect(said.out).toMatch(/ shop\/accounts merge: done · merged into main as [0-9a-f]{10}$/m);
    expect(said.out).not.toContain('\u001b');
  });

  test('has merged', () => {
    const log = execFileSync('git', ['log', '--format=%s', 'main'], { cwd: join(town.folder.path, 'api.git') });
    expect(log.toString()).toMatch(/^Merge accounts: /);
  });

  test('refuses a decision on what has ended', async () => {
    const said = await town.verb('approve', 'shop/accounts', '--by', 'ada');
    expect([said.code, said.err]).toEqual([3, expect.stringContaining('nothing waits for an approval now')]);
    const pause = await town.verb('pause', 'shop', '--by', 'ada');
    expect([pause.code, pause.err]).toEqual([3, 'shop has ended already.\n']);
  });

  test('reports, for people, as Markdown and for programs, also of the milestone', async () => {
    expect((await town.verb('report', 'shop')).out).toMatch(/1 of 1 milestones merged; complete/);
    expect((await town.verb('report', 'shop', '--markdown')).out).toContain('\n## Results\n');
    for (const id of ['shop', 'shop/accounts']) {
      const report = JSON.parse((await town.verb('report', id, '--json')).out) as FinalReport;
      expect(report.results).toMatchObject([{ milestone: 'accounts', outcome: 'merged', approved_by: 'ada' }]);
    }
  });
});

test('a report of a repository that is out of reach says so', async () => {
  const repository = join(town.folder.path, 'api.git');
  renameSync(repository, `${repository}.away`);
  const said = await town.verb('report', 'shop');
  renameSync(`${repository}.away`, repository);
  expect([said.code, said.err]).toEqual([
    1,
    expect.stringMatching(/^The report of shop is in .*api\.git, which cannot/),
  ]);
});

test('start --wait ends with 0 when everything was merged, and agrees to the plan on the way', async () => {
  const waiting = start('wait', '--agree-plan', '--wait', '--json', '--repository', 'waited.git');
  await town.until('wait', ({ status }) => status?.waitingFor?.for === 'plan');
  const plan = await town.verb('approve', 'wait', '--by', 'ada');
  expect(plan.out).toMatch(/^Plan of wait: .*\n {2}digest +[0-9a-f]{64}\n {2}milestones +1\n {4}accounts: /);
  await town.until('wait', awaitingApproval);
  expect((await town.verb('approve', 'wait/accounts', '--paths', 'package.json', '--by', 'ada', '--json')).code).toBe(
    0,
  );
  const said = await waiting;
  expect(said.code).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject({ workflowId: 'wait', state: 'complete' });
});

test('start --wait ends with 6 when not everything was merged, and so does status --wait', async () => {
  const waiting = start('gone', '--wait', '--repository', 'gone.git');
  await town.until('gone', awaitingApproval);
  const watching = town.verb('status', 'gone', '--wait');
  expect((await town.verb('abandon', 'gone', '--by', 'ada', '--note', 'not now')).code).toBe(0);
  for (const said of [await waiting, await watching]) {
    expect([said.code, said.err]).toEqual([6, expect.stringContaining('abandoned by ada: not now')]);
    expect(said.out).toContain('The report: npm run report -- gone');
  }
});

test('status --wait ends with 0 when everything was merged, also of a milestone, and as JSON', async () => {
  for (const [id, state] of [
    ['wait', 'complete'],
    ['wait/accounts', 'merged'],
  ] as const) {
    const said = await town.verb('status', id, '--wait', '--json');
    expect([said.code, JSON.parse(said.out)]).toEqual([0, expect.objectContaining({ workflowId: id, state })]);
    expect(said.err).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${id}: ${state}`, 'm'));
  }
});

test('status --wait waits for one run, and for one that is there', async () => {
  for (const args of [[], ['wait', '--watch']]) {
    const said = await town.verb('status', '--wait', ...args);
    expect([said.code, said.err]).toEqual([2, expect.stringContaining('--wait waits for one run to end')]);
  }
  expect((await town.verb('status', 'nobody', '--wait')).code).toBe(4);
});

describe('skip says what came of it', () => {
  const stuck = (sight: Sight) =>
    sight.waitingFor === 'guidance' || sight.status?.milestones[0]?.waitingFor !== undefined;

  test('a project that cannot go on without what is stuck has ended', async () => {
    expect((await start('stuck', '--repository', 'stuck.git')).code).toBe(0);
    await town.until('stuck', stuck);
    const said = await town.verb('skip', 'stuck', '--by', 'ada');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain('The whole project ends here as skipped: it cannot go on without understand.');
    expect(said.out).not.toMatch(/goes on|begun/);
    expect((await answeredBy('stuck')).status?.state).toBe('skipped');
  });

  test('a milestone is left out, and its project goes on', async () => {
    expect((await start('wedged', '--repository', 'wedged.git')).code).toBe(0);
    await town.until('wedged', stuck);
    const said = await town.verb('skip', 'wedged', '--by', 'ada');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toContain('Accepted: skip of wedged/accounts by ada. The whole milestone is left out');
    await town.until('wedged', ({ status }) => status?.state === 'complete');
  });
});

test('a repository that cannot be used is said at once', async () => {
  let said: Said | undefined;
  // One that no worker has taken up yet cannot be said to have failed.
  for (const id of ['lost', 'lost-again', 'lost-anew'])
    if (said === undefined || isUnanswered(said)) said = await start(id, '--repository', '/dev/null');
  expect([said?.code, said?.err]).toEqual([2, expect.stringMatching(/^lost[\w-]* failed at once: .*\/dev\/null/)]);
});

// ── what only a worker can say: a query that it is too late for is asked again ────────────────────────────────────

/** Its own account, and of so many of its milestones. */
const answeredBy = (id: string, milestones = 0) =>
  town.until(id, (sight) => sight.status !== undefined && sight.milestones.length >= milestones);

async function records(id: string): Promise<DecisionRecord[]> {
  for (let left = 5; ; left--) {
    const answer = await town.client.workflow
      .getHandle(id)
      .query(decisions)
      .catch((error: Error) => error);
    if (!(answer instanceof Error)) return answer;
    if (left === 1) throw answer;
  }
}
