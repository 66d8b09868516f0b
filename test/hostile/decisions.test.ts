// Where decisions are signed: the first valid one counts, and all else is a counted, visible no-op, whatever is said, and how often.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createGateActivities } from '../../src/activities/gate';
import { digestOfNote } from '../../src/activities/digest';
import { createSigners } from '../../src/adapters/signers';
import type { DecisionKind } from '../../src/domain/decision';
import { DECISION_NAMESPACE, signedText, type RunName } from '../../src/domain/signature';
import type { Merged, MergeTask } from '../../src/domain/tasks';
import { AT, bare, commit, fresh, ground, key, tip, worker } from '../adapters/git/ground';
import { change, code, deployment, plan, suite, test as testing, understanding } from '../scenarios/answers';
import { small } from '../scenarios/definitions';
import type { Delivery } from '../scenarios/delivery';
import { useMill } from '../scenarios/mill';
import { byRound } from '../scenarios/script';
import { newKey } from './keys';

const keys = { ada: newKey('ada'), bob: newKey('bob'), carol: newKey('carol'), eve: newKey('eve') };
const allowedSigners = `${ground}/allowed_signers`;
const publicKey = (name: keyof typeof keys) => execFileSync('ssh-keygen', ['-y', '-f', keys[name]]).toString().trim();
writeFileSync(
  allowedSigners,
  [
    '# who decides here',
    `ada ${publicKey('ada')}`,
    `"Bob B.,bob" namespaces="${DECISION_NAMESPACE}" ${publicKey('bob')}`,
    `carol,* ${publicKey('carol')}`,
    '',
  ].join('\n'),
);
const mill = useMill({ definitions: small, allowedSigners });

type Said = { by: string; subject?: string; note?: string; paths?: string[]; milestone?: string };
type How = {
  key?: keyof typeof keys;
  run?: RunName;
  kind?: string;
  nonce?: string;
  minutes?: number;
  namespace?: string;
};

/** As anybody could with ssh-keygen, right or wrong. */
function sign(run: RunName, kind: DecisionKind, said: Said, how: How = {}) {
  const { key: signer = said.by as keyof typeof keys, nonce = randomUUID(), minutes = 10 } = how;
  const expires = new Date(Date.now() + minutes * 60_000).toISOString();
  const text = signedText(how.run ?? run, {
    ...said,
    kind: how.kind ?? kind,
    noteDigest: digestOfNote(said.note),
    nonce,
    expires,
  });
  const args = ['-Y', 'sign', '-n', how.namespace ?? DECISION_NAMESPACE, '-f', keys[signer], '-'];
  const sshsig = execFileSync('ssh-keygen', args, { input: text, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
  return { ...said, signature: { nonce, expires, sshsig } };
}

const script = { implement: byRound(change(code('add'))), tests: [suite(testing('add'))] };
const start = (request: object = {}) =>
  mill.milestone(script, { pipeline: 'quick', approvers: ['ada', 'bob', 'carol'], ...request });
async function nameOf({ handle }: Delivery): Promise<RunName> {
  const { workflowId, runId } = await handle.describe();
  return { workflowId, runId };
}
const settled = (run: Delivery, refused: number, patience?: number) =>
  run.until(
    ({ decisions }) => decisions.refused >= refused && decisions.verifying === undefined,
    `${refused} refusals`,
    patience,
  );
const merges = (run: Delivery) => Number(run.git('rev-list', '--count', '--merges', '--first-parent', 'main'));

test('only the word of an approver, for this run and this candidate, signed for it and shown once, merges', async () => {
  const run = await start();
  const { subject = '' } = await run.untilItWaitsFor('approval');
  const name = await nameOf(run);
  const other = { ...name, runId: randomUUID() };
  const fine = { subject, by: 'ada' };
  const approve = (said: Said, how?: How) => sign(name, 'approve', said, how);
  const good = approve(fine, { nonce: 'n'.repeat(30) });
  const changed = (change: object) => ({ ...approve({ ...fine, note: 'fine' }), ...change });
  const wrong: [unknown, RegExp][] = [
    [fine, /^it is not signed, and this run takes signed decisions only/],
    [approve(fine, { key: 'eve' }), /^its signature is not ada's, for this decision in this run/],
    [approve(fine, { key: 'bob' }), /^its signature is not ada's/],
    [approve({ ...fine, by: 'bob' }, { key: 'ada' }), /^its signature is not bob's/],
    [approve({ ...fine, by: 'eve' }), /^eve is not one of those who may decide/],
    [approve(fine, { run: other }), /^its signature is not ada's/],
    [approve(fine, { run: { ...name, workflowId: 'another' } }), /^its signature is not ada's/],
    [approve(fine, { kind: 'guide' }), /^its signature is not ada's/],
    [approve(fine, { kind: 'requestChanges' }), /^its signature is not ada's/],
    [approve(fine, { namespace: 'git' }), /^its signature is not ada's/],
    [approve(fine, { namespace: 'millwright-receipt' }), /^its signature is not ada's/],
    [{ ...approve({ ...fine, subject: tip(run.repository) }), subject }, /^its signature is not ada's/],
    [changed({ note: 'ship it' }), /^its signature is not ada's/],
    [changed({ note: undefined }), /^its signature is not ada's/],
    [{ ...good, signature: { ...good.signature, nonce: 'm'.repeat(30) } }, /^its signature is not ada's/],
    [
      { ...good, signature: { ...good.signature, expires: '2036-01-01T00:00:00Z' } },
      /^its signature would last for more than a day/,
    ],
    [approve(fine, { minutes: -6 }), /^its signature has expired/],
    [approve({ ...fine, paths: ['package.json'] }), /^it names what is no protected path/],
    [{ ...good, signature: 'yes' }, /^malformed: /],
    [{ ...good, signature: { ...good.signature, sshsig: 'x' } }, /^malformed: /],
    [{ ...good, signature: { ...good.signature, nonce: '' } }, /^malformed: /],
    [{ ...good, note: 'x'.repeat(1_000_000) }, /^malformed: .*Too big/],
    ['"yes"', /^malformed: /],
    [null, /^malformed: /],
  ];
  await Promise.all(wrong.map(([said]) => run.say('approve', said)));
  const { decisions, waitingFor } = await settled(run, wrong.length);
  expect(decisions).toMatchObject({ accepted: 0, refused: wrong.length, signed: true });
  expect(waitingFor).toMatchObject({ for: 'approval', subject });
  const reasons = (await run.decisions()).map(({ reason }) => reason);
  for (const [, why] of wrong) {
    const found = reasons.findIndex((reason) => why.test(reason));
    expect([why, reasons.splice(found, 1)]).toEqual([why, [expect.stringMatching(why)]]);
  }

  // Fifty times, and somebody objects meanwhile: one of the two counts, and it counts once.
  const objection = sign(name, 'requestChanges', { subject, by: 'bob', note: 'No.' });
  const copies = Array.from({ length: 50 }, () => () => run.say('approve', good));
  await Promise.all([...copies, () => run.say('requestChanges', objection)].map((say) => say()));
  const { decisions: after } = await settled(run, wrong.length + 50);
  expect(after).toMatchObject({ accepted: 1, refused: wrong.length + 50 });
  const first = (await run.decisions()).find(({ accepted }) => accepted)!;
  if (first.kind === 'requestChanges') {
    const { subject: again } = await run.untilItWaitsFor('approval', subject);
    await run.say('approve', approve({ ...fine, subject: again! }));
  }
  expect(await run.result()).toMatchObject({ outcome: 'merged', approvedBy: 'ada' });
  expect(merges(run)).toBe(1);
  await expect(run.say('approve', good)).rejects.toThrow(/already completed|not found/);
  const kept = JSON.parse(run.fromLedger('stages/merge/1/receipt.json')) as { evidence: { approval: object } };
  expect(kept.evidence.approval).toMatchObject({ by: 'ada', signature: { run: name, sshsig: expect.any(String) } });
});

test('every other word needs a signature too; to a project it is said for its milestones, and never a second time', async () => {
  const project = await mill.project(
    { project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] }, add: script },
    { pipeline: 'quick', approvers: ['ada', 'bob'] },
  );
  const milestone = mill.milestoneOf(project, 'add');
  const { subject = '' } = await milestone.untilItWaitsFor('approval');
  for (const kind of ['pause', 'abandon', 'resume'] as const)
    expect(await project.answered(() => project.say(kind, { by: 'ada' }))).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('it is not signed'),
    });
  const pause = sign(await nameOf(project), 'pause', { by: 'bob' });
  expect(await project.answered(() => project.say('pause', pause))).toMatchObject({ accepted: true });
  await milestone.untilItWaitsFor('resume');

  const unsigned = await mill.verb('resume', project.id, '--by', 'ada');
  expect(unsigned).toMatchObject({ code: 3, said: expect.stringContaining('it is not signed') });
  const lost = await mill.verb('resume', project.id, '--by', 'ada', '--key', `${ground}/nowhere`);
  expect(lost).toMatchObject({ code: 2, said: expect.stringContaining('It cannot be signed with') });
  const signed = await mill.verb('resume', project.id, '--by', 'ada', '--key', keys.ada);
  expect(signed).toMatchObject({ code: 0, said: expect.stringContaining('Accepted') });
  await milestone.untilItWaitsFor('approval');
  for (const again of [project, milestone])
    expect(await again.answered(() => again.say('pause', pause))).toMatchObject({
      accepted: false,
      reason: 'its signature has been used before',
    });

  // What was signed for the project's run counts for no candidate of a milestone.
  const astray = sign(await nameOf(project), 'approve', { subject, by: 'ada' });
  expect(await milestone.answered(() => milestone.say('approve', astray))).toMatchObject({ accepted: false });
  const approved = await mill.verb('approve', project.id, '--by', 'ada', '--note', 'fine', '--key', keys.ada, '--yes');
  expect(approved).toMatchObject({ code: 0, said: expect.stringContaining('Accepted') });
  expect(await project.result()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
  await mill.keepHistory(project.id, 'project-paused-and-resumed-by-signed-words');
  await mill.keepHistory(milestone.id, 'milestone-merged-by-a-signed-approval');
});

test('while it opens, and nobody knows yet what is demanded, an unsigned word changes nothing', async () => {
  const run = await start({ repository: 'git://127.0.0.1:1/nowhere.git' });
  const unsigned = await run.answered(() => run.say('abandon', { by: 'ada' }));
  expect(unsigned).toMatchObject({ accepted: false, reason: expect.stringContaining('not signed') });
  await run.say('abandon', sign(await nameOf(run), 'abandon', { by: 'ada', note: 'wrong address' }));
  expect(await run.result()).toMatchObject({ outcome: 'abandoned', reason: 'abandoned by ada: wrong address' });
  await mill.keepHistory(run.id, 'milestone-called-off-by-a-signed-word-while-it-opens');
});

// Twice as many as are held at once to be verified.
const FLOOD = 400;
// From the fourth batch on there is a pause after each, twice as long as the one before; the slower they come in, the more there are.
const PAUSES_MS = 900_000;

test('a flood of well-made forgeries costs some looks, not one each; the run goes on, and hears who is real', async () => {
  const run = await start();
  const { subject = '' } = await run.untilItWaitsFor('approval');
  const name = await nameOf(run);
  const { signature, ...said } = sign(name, 'approve', { subject, by: 'ada' }, { key: 'eve' });
  const forged = (each: number) => ({ ...said, signature: { ...signature, nonce: `${each}`.padStart(20, '0') } });
  for (let sent = 0; sent < FLOOD; sent += 100)
    await Promise.all(Array.from({ length: 100 }, (_, each) => run.say('approve', forged(sent + each))));
  const { decisions } = await settled(run, FLOOD, PAUSES_MS);
  expect(decisions).toMatchObject({ accepted: 0, refused: FLOOD });
  expect((await run.decisions()).length).toBeLessThanOrEqual(100);
  const looks = (await run.timeline()).filter((line) => line.startsWith('verifyDecisions'));
  expect(looks.length).toBeLessThan(20);
  await run.say('approve', sign(name, 'approve', { subject, by: 'ada' }));
  expect(await run.result()).toMatchObject({ outcome: 'merged' });
  const { events } = await run.handle.fetchHistory();
  expect(
    events!.filter((event) =>
      /^(?!history-service)/.test(event.workflowTaskFailedEventAttributes?.identity ?? 'history-service'),
    ),
  ).toEqual([]);
}, 1_200_000);

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});

describe('the gate looks for itself who has approved', () => {
  const merging = key({ stage: 'merge' });
  const own: RunName = { workflowId: 'shop/m1', runId: 'run-1' };

  type Approved = {
    approve?: How;
    approval?: object;
    unsigned?: boolean;
    signed?: boolean;
    signers?: string | null;
    clockOff?: number;
  };

  async function asked(how: Approved = {}) {
    const repository = bare({ 'a.txt': 'one\n' });
    const on = worker();
    const base = tip(repository);
    const candidate = await commit(on, repository, base, [{ path: 'a.txt', content: 'two\n' }]);
    await on.trees.propose(repository, merging, candidate);
    const { signature, ...said } = sign(own, 'approve', { subject: candidate, by: 'ada', note: 'fine' }, how.approve);
    const kept = { ...signature, noteDigest: digestOfNote(said.note), run: how.approve?.run ?? own };
    const approval = {
      subject: candidate,
      by: 'ada',
      at: new Date().toISOString(),
      ...(!how.unsigned && { signature: kept }),
    };
    const verify = { candidate, base, tree: await on.trees.treeOf(repository, candidate), green: true };
    const task: MergeTask = {
      ...{ key: merging, repository, at: AT, branch: 'main', title: 'Log in' },
      demand: { candidate, reviews: [], evaluations: [], approvers: [], sameFamilyReview: false, signed: how.signed },
      evidence: {
        verify: { ...verify, total: 1, passed: 1, failed: 0, coverage: null },
        ...{ reviews: {}, evaluations: {}, approval: { ...approval, ...how.approval } },
      },
    };
    const file = how.signers === undefined ? allowedSigners : how.signers;
    const signers = file === null ? undefined : createSigners(file);
    // In a later history, as the server has it: what was signed is for the first.
    const workflowExecution = { ...own, runId: randomUUID() };
    const described = { workflowExecutionInfo: { firstRunId: own.runId } };
    const workflowService = {
      describeWorkflowExecution: ({ execution }: { execution: RunName }) =>
        Promise.resolve(execution.runId === workflowExecution.runId ? described : {}),
    };
    const withAbortSignal = (_: AbortSignal, call: () => unknown) => call();
    const client = { workflowService, withAbortSignal } as unknown as Client;
    const now = Date.now;
    const info = { workflowExecution, currentAttemptScheduledTimestampMs: now() };
    const environment = new MockActivityEnvironment(info, { client });
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + (how.clockOff ?? 0));
    const merged = environment.run(createGateActivities({ ...on, signers }).mergeCandidate, task);
    const outcome = await merged.finally(() => clock.mockRestore());
    return { ...(outcome as Merged), moved: tip(repository) !== base };
  }

  test('and merges what its approver signed', async () => {
    expect(await asked()).toMatchObject({ outcome: 'merged', moved: true });
  });

  test.each([
    ['behind', -2 * 3_600_000],
    ['ahead', 2 * 3_600_000],
  ])('also where its own clock is hours %s: the server says what time it is', async (_, clockOff) => {
    expect(await asked({ clockOff })).toMatchObject({ outcome: 'merged', moved: true });
  });

  const nobody = `${ground}/nobody`;
  writeFileSync(nobody, `* ${publicKey('ada')}\n`);
  test.each<[string, Approved, RegExp]>([
    ['that is not signed', { unsigned: true }, /it is not signed, and decisions are signed here/],
    ['that another signed', { approve: { key: 'bob' } }, /its signature is not ada's/],
    ['in whose name another speaks', { approval: { by: 'carol' } }, /its signature is not carol's/],
    ['of another run', { approve: { run: { ...own, runId: 'run-2' } } }, /its signature is not ada's/],
    ['that was a request for changes', { approve: { kind: 'requestChanges' } }, /its signature is not ada's/],
    ['with other words', { approval: { paths: ['x'] } }, /its signature is not ada's/],
    ['after its signature had expired', { approve: { minutes: -20 } }, /its signature had expired/],
    ['of a time to come', { approval: { at: '2099-01-01T00:00:00Z' } }, /its signature had expired/],
    ['by a person whom a pattern alone lets in', { signers: nobody }, /there is no signer with the name ada/],
    ['where the list cannot be read', { signers: `${ground}/gone` }, /the file of allowed signers cannot be read/],
    [
      'of a run that takes signed ones, where the gate knows nobody',
      { signers: null, signed: true },
      /does not know who signs/,
    ],
  ])('and refuses an approval %s', async (_, how, why) => {
    const outcome = await asked(how);
    expect(outcome).toMatchObject({ outcome: 'unapproved', reasons: [expect.stringMatching(why)], moved: false });
  });

  test('a name with spaces stands in quotes, and a key that is signed for by a pattern takes no other name', async () => {
    const text = 'x\n';
    const args = ['-Y', 'sign', '-n', DECISION_NAMESPACE, '-f', keys.carol, '-'];
    const sshsig = execFileSync('ssh-keygen', args, { input: text, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
    const objection = (by: string, file = allowedSigners) =>
      createSigners(file).objection({ by, text, sshsig, namespace: DECISION_NAMESPACE });
    expect(await objection('carol')).toBeUndefined();
    for (const by of ['ada', 'dave', '*', 'carol,*', 'Bob B.', '', '-f', '#', 'ada\0', 'carol\n'])
      expect(await objection(by)).toMatch(/is not|there is no signer/);
    const bobs = execFileSync('ssh-keygen', args.with(5, keys.bob), {
      input: text,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString();
    const asBob = { by: 'Bob B.', text, sshsig: bobs, namespace: DECISION_NAMESPACE };
    expect(await createSigners(allowedSigners).objection(asBob)).toBeUndefined();
    expect(await createSigners(fresh('none')).objection(asBob)).toMatch(/cannot be read/);
  });
});
