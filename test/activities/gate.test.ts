// The gate at work on real git: what it refuses moves nothing and leaves no receipt; what it lets through is the tested tree, once.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createGateActivities } from '../../src/activities/gate';
import type { Evidence } from '../../src/domain/gate';
import { candidateRef, ledgerRef } from '../../src/domain/names';
import type { MergeTask } from '../../src/domain/tasks';
import { AT, bare, commit, fresh, git, ground, hook, key, sound, tip, worker, write } from '../adapters/git/ground';

const other = 'd'.repeat(40);
const merging = key({ stage: 'merge' });

/** A candidate that changes a line, tested, reviewed, evaluated and approved on the tip of `main`. */
async function ready(repository = bare({ 'a.txt': 'one\n', 'b.txt': 'b\n' })) {
  const on = worker();
  const base = tip(repository);
  const candidate = await commit(on, repository, base, [{ path: 'a.txt', content: 'two\n' }]);
  await on.trees.propose(repository, merging, candidate);
  const tree = await on.trees.treeOf(repository, candidate);
  const counted = { total: 3, passed: 3, failed: 0, coverage: 87.5 };
  const opinion = { verdict: 'passed', criticals: 0, majors: 0, unmet: 0, score: 0.9, model: 'frontier-b' };
  const scores = { correctness: 4, code_quality: 4, security: 4, maintainability: 4, scalability: 4 };
  const verify = { candidate, base, tree, green: true, ...counted };
  const review = { candidate, ...opinion, family: 'b', authors: ['a'] };
  const evaluate = { candidate, scores, mean: 4 };
  const approval = { subject: candidate, by: 'ada', at: AT };
  const evidence: Evidence = { verify, reviews: { review }, evaluations: { evaluate }, approval };
  const demand = { candidate, reviews: ['review'], evaluations: ['evaluate'], approvers: ['ada'] };
  const task: MergeTask = {
    ...{ key: merging, repository, at: AT, branch: 'main', title: 'Log in', evidence },
    demand: { ...demand, sameFamilyReview: false },
  };
  return { on, repository, base, candidate, tree, task, verify, review, evaluate, approval };
}
type Ready = Awaited<ReturnType<typeof ready>>;

const merge = (task: MergeTask, on = worker()) =>
  new MockActivityEnvironment().run(createGateActivities(on).mergeCandidate, task);

const refs = (repository: string) => git(repository, 'for-each-ref', '--format=%(refname) %(objectname)');

/** Nothing of the repository has moved, and there is no ledger for a receipt to lie in. */
function expectUntouched({ repository, base, candidate }: Ready): void {
  expect(refs(repository).split('\n')).toEqual([`refs/heads/main ${base}`, `${candidateRef(merging)} ${candidate}`]);
}

const short = (sha: string) => sha.slice(0, 10);

test.each<[string, (of: Ready) => Partial<Evidence>, (of: Ready) => string]>([
  [
    'tests of a tree that the merge does not make',
    ({ verify, repository }) => ({ verify: { ...verify, tree: git(repository, 'rev-parse', 'main^{tree}') } }),
    ({ repository }) =>
      `the tested tree ${short(git(repository, 'rev-parse', 'main^{tree}'))} is not what the merge makes`,
  ],
  [
    'tests of a tree that is nowhere',
    ({ verify }) => ({ verify: { ...verify, tree: other } }),
    () => `the tested tree ${short(other)} is not what the merge makes`,
  ],
  ['no tests', () => ({ verify: undefined }), () => 'there is no green, complete test run'],
  [
    'a red check',
    ({ verify }) => ({ verify: { ...verify, green: false, failed: 1, passed: 2 } }),
    () => 'there is no green, complete test run',
  ],
  ['unreadable tests', () => ({ verify: 'all green, believe me' }), () => 'there is no green, complete test run'],
  [
    'tests of another candidate',
    ({ verify }) => ({ verify: { ...verify, candidate: other } }),
    ({ candidate }) => `the test run is about ${short(other)}, not ${short(candidate)}`,
  ],
  ['no approval', () => ({ approval: undefined }), () => 'no person has approved'],
  [
    'an approval of another commit',
    ({ approval }) => ({ approval: { ...approval, subject: other } }),
    ({ candidate }) => `the approval is about ${short(other)}, not ${short(candidate)}`,
  ],
  [
    'an approval by a stranger',
    ({ approval }) => ({ approval: { ...approval, by: 'eve' } }),
    () => 'eve is no approver of this request',
  ],
  [
    'a stale review',
    ({ review }) => ({ reviews: { review: { ...review, candidate: other } } }),
    ({ candidate }) => `review is about ${short(other)}, not ${short(candidate)}`,
  ],
  ['an unreadable review', () => ({ reviews: { review: 'LGTM' } }), () => 'review: there is no passing review'],
  [
    'an unreadable evaluation',
    () => ({ evaluations: { evaluate: { scores: 'high' } } }),
    () => 'evaluate: there is no readable evaluation',
  ],
])('%s: refused in words, and nothing moves', async (_, change, why) => {
  const it = await ready();
  const evidence = { ...it.task.evidence, ...change(it) };
  expect(await merge({ ...it.task, evidence })).toEqual({ outcome: 'refused', reasons: [why(it)] });
  expectUntouched(it);
});

test('every reason is said, not the first alone', async () => {
  const it = await ready();
  const evidence = { ...it.task.evidence, reviews: {}, evaluations: {}, approval: undefined };
  expect(await merge({ ...it.task, evidence })).toMatchObject({ reasons: { length: 3 } });
  expectUntouched(it);
});

test('whole and fresh evidence merges exactly the tested tree, and says why on the merge and in a receipt', async () => {
  const it = await ready();
  const { repository, base, candidate, tree, task } = it;
  const merged = await merge(task);
  expect(merged).toEqual({ outcome: 'merged', commit: tip(repository) });
  expect(git(repository, 'log', '-1', '--format=%T %P%n%B', 'main').split('\n')).toEqual([
    `${tree} ${base} ${candidate}`,
    'Merge m1: Log in',
    '',
    'Millwright-Project: shop',
    'Millwright-Milestone: m1',
    `Millwright-Base: ${base}`,
    `Millwright-Candidate: ${candidate}`,
    `Millwright-Tree: ${tree}`,
    'Millwright-Tests: 3 of 3 passed, 87.5 % of lines',
    'Millwright-Review: review 0.9 by frontier-b',
    'Millwright-Evaluation: evaluate 4',
    'Millwright-Approved-By: ada',
    `Millwright-Ledger: ${ledgerRef(merging)}`,
    'Millwright-Key: run-1/shop/m1/merge/1',
  ]);
  const receipt = git(repository, 'show', `${ledgerRef(merging)}:stages/merge/1/receipt.json`);
  expect(JSON.parse(receipt)).toEqual({
    ...{ commit: tip(repository), branch: 'main' },
    ...{ demand: task.demand, evidence: task.evidence },
  });
  expect(refs(repository)).not.toContain(candidateRef(merging));
  expect(sound(repository)).toBe('');
});

test('asked twice, also by another worker, it merges once and leaves one receipt', async () => {
  const { repository, task, on } = await ready();
  const first = await merge(task, on);
  const after = refs(repository);
  expect(await merge(task, on)).toEqual(first);
  expect(await merge(task)).toEqual(first);
  expect(refs(repository)).toBe(after);
  expect(git(repository, 'rev-list', '--count', '--first-parent', 'main')).toBe('2');
});

test('a worker that dies between the merge and its receipt is followed by one that leaves the receipt', async () => {
  const { repository, task, on } = await ready();
  const dying = { ...on, ledger: { ...on.ledger, append: () => Promise.reject(new Error('killed')) } };
  await expect(merge(task, dying)).rejects.toThrow('killed');
  const head = tip(repository);
  expect(refs(repository)).not.toContain(ledgerRef(merging));
  expect(await merge(task)).toEqual({ outcome: 'merged', commit: head });
  expect(tip(repository)).toBe(head);
  expect(git(repository, 'show', `${ledgerRef(merging)}:stages/merge/1/receipt.json`)).toContain(head);
});

/** Somebody else's commit on `main`, after the tests ran. */
function overtake(repository: string, files: Record<string, string>): string {
  const checkout = fresh('overtaking');
  git(ground, 'clone', '--quiet', repository, checkout);
  write(checkout, files);
  git(checkout, 'commit', '--quiet', '--all', '--message=Somebody was here');
  git(checkout, 'push', '--quiet');
  return tip(checkout);
}

test('a run that continues one which has merged leaves that one’s receipt as it is', async () => {
  const { on, repository, candidate, task, verify } = await ready();
  const base = overtake(repository, { 'b.txt': 'B\n' });
  const { tree } = await on.trees.mergeTree(repository, base, candidate);
  const retested = { ...task, evidence: { ...task.evidence, verify: { ...verify, base, tree } } };
  const first = await merge(retested, on);
  expect(first).toEqual({ outcome: 'merged', commit: tip(repository) });
  const receipt = () => git(repository, 'show', `${ledgerRef(merging)}:stages/merge/1/receipt.json`);
  const before = receipt();

  const again = { ...task, key: key({ stage: 'merge', runId: 'run-2' }) };
  expect(await merge(again, on)).toEqual(first);
  expect(receipt()).toBe(before);
  expect(git(repository, 'show', `${ledgerRef(merging)}:stages/merge/1/handoff.json`)).toContain(tip(repository));
});

test.each([
  ['is to be tested on it', { 'b.txt': 'B\n' }, { outcome: 'moved' }],
  ['and is in its way is a conflict', { 'a.txt': 'three\n' }, { outcome: 'conflict', paths: ['a.txt'] }],
])('a base that has moved %s, and nothing is merged', async (_, files, outcome) => {
  const it = await ready();
  const head = overtake(it.repository, files);
  expect(await merge(it.task)).toEqual({ ...outcome, head });
  expectUntouched({ ...it, base: head });
});

test('a repository that says no is a refusal in its words, without a receipt', async () => {
  const it = await ready();
  hook(it.repository, 'update', 'echo "main is frozen until Monday" >&2; exit 1');
  expect(await merge(it.task)).toEqual({
    outcome: 'refused',
    reasons: [expect.stringContaining('main is frozen until Monday')],
  });
  expectUntouched(it);
});

test('a candidate branch that may not be removed does not undo the merge', async () => {
  const { repository, task } = await ready();
  hook(repository, 'update', 'case "$1" in refs/heads/millwright/*) echo "kept for the record" >&2; exit 1;; esac');
  expect(await merge(task)).toEqual({ outcome: 'merged', commit: tip(repository) });
  expect(refs(repository)).toContain(candidateRef(merging));
});

test('what a condition skipped is said on the merge, with the condition', async () => {
  const { repository, task } = await ready();
  const reviews = { review: { skipped: true, expression: 'change.lines > 10', values: { 'change.lines': 1 } } };
  expect(await merge({ ...task, evidence: { ...task.evidence, reviews } })).toMatchObject({ outcome: 'merged' });
  expect(git(repository, 'log', '-1', '--format=%B', 'main')).toContain(
    'Millwright-Review: skipped: change.lines > 10',
  );
});

test('a gate that stood still past its heartbeat merges nothing: another one has the work by now', async () => {
  const of = await ready();
  const on = worker();
  const standStill = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  const protection = {
    pathsIn: (...asked: Parameters<typeof on.protection.pathsIn>) => {
      standStill();
      return on.protection.pathsIn(...asked);
    },
  };
  const gate = new MockActivityEnvironment({ heartbeatTimeoutMs: 1_000 });
  const merging = gate.run(createGateActivities({ ...on, protection }).mergeCandidate, of.task);
  await expect(merging).rejects.toMatchObject({ type: 'StaleAttempt' });
  expectUntouched(of);
});

test('a gate that is told on its way that nobody waits for it any more merges nothing', async () => {
  const of = await ready();
  const on = worker();
  const gate = new MockActivityEnvironment();
  const protection = {
    pathsIn(...asked: Parameters<typeof on.protection.pathsIn>) {
      gate.cancel('NOT_FOUND');
      return on.protection.pathsIn(...asked);
    },
  };
  const merging = gate.run(createGateActivities({ ...on, protection }).mergeCandidate, of.task);
  await expect(merging).rejects.toMatchObject({ type: 'StaleAttempt' });
  expectUntouched(of);
});
