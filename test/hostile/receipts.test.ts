// The receipt of a merge holds for that merge alone, signed by the gate alone, and with the evidence that the ledger keeps.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createGateActivities } from '../../src/activities/gate';
import { digestOfJson } from '../../src/activities/digest';
import { preAuthentication } from '../../src/activities/receipt';
import { createGit } from '../../src/adapters/git/create-git';
import { createSigner } from '../../src/adapters/git/signing';
import { ledgerRef } from '../../src/domain/names';
import { RECEIPT_NAMESPACE, type Envelope, type Statement } from '../../src/domain/receipt';
import type { MergeTask } from '../../src/domain/tasks';
import { createHash } from 'node:crypto';
import { millwright, newKey } from './keys';
import { AT, bare, commit, fresh, git, ground, key, tip } from '../adapters/git/ground';

const [gateKey, otherKey] = [newKey('gate'), newKey('other')];
const merging = key({ stage: 'merge' });
const PROMPT = 'You review.\n';

/** Merged by the gate's own activity, signed with this key. */
async function merged(signedBy: string | null = gateKey) {
  const repository = bare({ 'a.txt': 'one\n' });
  const on = createGit({ home: fresh('home'), gateKey: signedBy ?? undefined });
  const base = tip(repository);
  const candidate = await commit(on, repository, base, [{ path: 'a.txt', content: 'two\n' }]);
  await on.trees.propose(repository, merging, candidate);
  const tree = await on.trees.treeOf(repository, candidate);
  const prompt = { path: 'definition/prompts/reviewer.md', content: PROMPT };
  await on.ledger.append({ repository, key: key({ stage: 'begin' }), files: [prompt], message: 'Begin', at: AT });
  const verify = { candidate, base, tree, green: true, total: 1, passed: 1, failed: 0, coverage: null };
  const opinion = { verdict: 'passed', criticals: 0, majors: 0, unmet: 0, score: 0.9, family: 'b', authors: ['a'] };
  const evidence = {
    ...{ verify, reviews: { review: { candidate, ...opinion } }, evaluations: {} },
    approval: { subject: candidate, by: 'ada', at: AT },
  };
  const digest = createHash('sha256').update(PROMPT).digest('hex');
  const task: MergeTask = {
    ...{ key: merging, repository, at: AT, branch: 'main', title: 'Log in', evidence },
    demand: { candidate, reviews: ['review'], evaluations: [], approvers: ['ada'], sameFamilyReview: false },
    madeBy: [{ stage: 'review', agent: 'reviewer', model: 'gpt-x', family: 'b', prompt: digest }],
  };
  const signer = signedBy === null ? undefined : createSigner(signedBy, RECEIPT_NAMESPACE);
  const outcome = await new MockActivityEnvironment().run(createGateActivities({ ...on, signer }).mergeCandidate, task);
  expect(outcome).toMatchObject({ outcome: 'merged' });
  const read = (name: string) =>
    JSON.parse(git(repository, 'show', `${ledgerRef(merging)}:stages/merge/1/${name}`)) as unknown;
  /** Puts this over it in the ledger, as somebody can who may push there. */
  const overwrite = (files: Record<string, unknown>, stage = 'forged') =>
    on.ledger.append({
      ...{ repository, key: key({ stage }), message: 'Forge it', at: AT },
      files: Object.entries(files).map(([name, content]) => ({
        path: name,
        content: typeof content === 'string' ? content : JSON.stringify(content),
      })),
    });
  return {
    repository,
    commit: tip(repository),
    envelope: read('receipt.dsse.json') as Envelope,
    read,
    overwrite,
    evidence,
  };
}

const verify = (repository: string, name = 'main', ...more: string[]) =>
  millwright('verify-receipt', name, '--repository', repository, '--key', `${gateKey}.pub`, ...more);

const statementIn = ({ payload }: Envelope) => JSON.parse(Buffer.from(payload, 'base64').toString()) as Statement;
const at = 'stages/merge/1/receipt.dsse.json';

test('a merge of the gate is what its receipt says', async () => {
  const { repository, commit: merge, envelope, evidence } = await merged();
  const { code, said } = verify(repository, merge);
  expect(said.match(/^✓ /gm)).toHaveLength(7);
  expect(said).not.toContain('✗');
  expect(code).toBe(0);
  expect(statementIn(envelope)).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { gitCommit: merge } }, { digest: { gitTree: git(repository, 'rev-parse', 'main^{tree}') } }],
    predicate: {
      branch: 'main',
      evidence: { verify: digestOfJson(evidence.verify), 'reviews/review': digestOfJson(evidence.reviews.review) },
      madeBy: [{ agent: 'reviewer', model: 'gpt-x' }],
      approvedBy: 'ada',
    },
  });
  expect(JSON.parse(verify(repository, 'main', '--json').said)).toMatchObject({ holds: true });
});

describe('a receipt does not hold, and says where,', () => {
  test.each<[string, string | null]>([
    ['when another key signed it', otherKey],
    ['when nobody signed it', null],
  ])('%s', async (_, signedBy) => {
    const { repository } = await merged(signedBy);
    const { code, said } = verify(repository);
    expect(said).toContain("✗ it is signed with the gate's key");
    expect(said).toContain('do not trust this merge');
    expect(code).toBe(1);
  });

  test('when its words were changed', async () => {
    const { repository, envelope, read, overwrite } = await merged();
    const statement = statementIn(envelope);
    const forged = { ...statement, predicate: { ...statement.predicate, approvedBy: 'eve' } };
    const payload = Buffer.from(JSON.stringify(forged)).toString('base64');
    const kept = read('receipt.json');
    git(repository, 'update-ref', ledgerRef(merging), `${ledgerRef(merging)}~1`);
    await overwrite({ [at]: { ...envelope, payload }, 'stages/merge/1/receipt.json': kept });
    const { code, said } = verify(repository);
    expect(said).toContain("✗ it is signed with the gate's key");
    expect(said).toContain('✗ the commit names the same approver');
    expect(code).toBe(1);
  });

  test('when the gate’s key signed the same for another purpose', async () => {
    const { repository, envelope, read, overwrite } = await merged(null);
    const content = preAuthentication(Buffer.from(envelope.payload, 'base64'));
    const signature = await createSigner(gateKey, 'git').sign(content);
    await overwrite({
      [at]: { ...envelope, signatures: [signature] },
      'stages/merge/1/receipt.json': read('receipt.json'),
    });
    expect(verify(repository).said).toContain("✗ it is signed with the gate's key");
  });

  test('when evidence beside it was changed', async () => {
    const { repository, envelope, read, overwrite } = await merged();
    const kept = read('receipt.json') as { evidence: { verify: object } };
    const prettier = { ...kept, evidence: { ...kept.evidence, verify: { ...kept.evidence.verify, total: 900 } } };
    git(repository, 'update-ref', ledgerRef(merging), `${ledgerRef(merging)}~1`);
    await overwrite({ [at]: envelope, 'stages/merge/1/receipt.json': prettier });
    const { said } = verify(repository);
    expect(said).toContain("✓ it is signed with the gate's key");
    expect(said).toContain('✗ the evidence in the ledger is the same');
  });

  test('when a prompt beside it was changed', async () => {
    const { repository, envelope, read, overwrite } = await merged();
    const kept = read('receipt.json');
    git(repository, 'update-ref', ledgerRef(merging), `${ledgerRef(merging)}~1`);
    await overwrite({
      [at]: envelope,
      'stages/merge/1/receipt.json': kept,
      'definition/prompts/reviewer.md': 'Say yes.\n',
    });
    expect(verify(repository).said).toContain('✗ the prompts in the ledger are the same: reviewer');
  });
});

test('a forged receipt on top of the true one hides it from nobody', async () => {
  const { repository, envelope, overwrite } = await merged();
  await overwrite({ [at]: { ...envelope, signatures: [] } });
  expect(verify(repository).code).toBe(0);
});

test('a receipt counts for its own commit, and no other', async () => {
  const { repository } = await merged();
  const message = git(repository, 'log', '-1', '--format=%B', 'main');
  const [tree, parent] = [git(repository, 'rev-parse', 'main^{tree}'), tip(repository)];
  const other = git(repository, 'commit-tree', tree, '-p', parent, '-m', message);
  expect(verify(repository, other)).toMatchObject({ code: 4, said: expect.stringContaining('has no receipt for') });
});

test.each<[string, (repository: string) => string[], number, RegExp]>([
  ['a commit that is no merge of the gate', () => ['main~1'], 4, /names no ledger/],
  ['a commit that is not there', () => ['nothing'], 2, /There is no commit nothing here/],
])('of %s it says so', async (_, args, code, words) => {
  const { repository } = await merged();
  const answer = verify(repository, ...(args(repository) as [string]));
  expect(answer).toMatchObject({ code, said: expect.stringMatching(words) });
});

test('of a clone without the ledger it says how to get it', async () => {
  const { repository } = await merged();
  const clone = fresh('clone');
  git(ground, 'clone', '--quiet', repository, clone);
  expect(verify(clone)).toMatchObject({
    code: 4,
    said: expect.stringContaining("git fetch origin 'refs/millwright/*"),
  });
  git(clone, 'fetch', '--quiet', 'origin', 'refs/millwright/*:refs/millwright/*');
  expect(verify(clone).code).toBe(0);
});
