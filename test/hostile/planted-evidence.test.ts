// Who may push to the repository can write into a run's ledger before the run does. None of it counts as evidence.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createRecordActivities } from '../../src/activities/record';
import { noHandoff, type Handoff } from '../../src/domain/handoff';
import { stageFolder, type EffectKey } from '../../src/domain/names';
import type { Tested } from '../../src/domain/tasks';
import { AT, bare, key, tip, worker } from '../adapters/git/ground';

const repository = bare({ 'a.txt': 'one\n' });
const base = tip(repository);
const [candidate, tree, other] = ['c'.repeat(40), 'd'.repeat(40), 'e'.repeat(40)] as const;
const git = worker();
const { recordTests, recordDecision } = createRecordActivities(git);

const plant = (at: EffectKey, facts: Handoff['facts']) =>
  worker().ledger.append({
    ...{ repository, key: at, message: `${at.stage} ${at.iteration}: as it should be`, at: AT },
    files: [
      {
        path: `${stageFolder(at)}/handoff.json`,
        content: JSON.stringify({ ...noHandoff, summary: 'green', facts }),
      },
    ],
  });

test('tests that failed are not green because an entry says so', async () => {
  const at = key({ stage: 'verify' });
  await plant(at, { green: true, total: 1, passed: 1, failed: 0, coverage: 100, candidate, base, tree });
  const counted = { total: 1, passed: 0, failed: 1, skipped: 0, coverage: 0, redByLoading: 0 };
  const tested: Tested = {
    ...{ ...counted, candidate, base, tree, green: false, cause: 'failing', objections: ['fails: adds'] },
    ...{ failures: [], flaky: [], recommendation: 'fix', sandbox: 'bubblewrap', ms: 1 },
  };
  const recorded = await new MockActivityEnvironment().run(recordTests, { key: at, repository, at: AT, tested });
  expect(recorded).toMatchObject({ status: 'rework', cause: 'failing', facts: { green: false, passed: 0, candidate } });
});

test.each([
  ['sent back', { decision: 'changes-requested', by: 'ada' }, { status: 'rework', facts: { subject: candidate } }],
  ['approved', { decision: 'approved', by: 'ada' }, { status: 'ok', facts: { subject: candidate, by: 'ada' } }],
] as const)('what was %s is not approved by somebody else because an entry says so', async (how, said, expected) => {
  const at = key({ stage: `approve-${how.replace(' ', '-')}` });
  await plant(at, { subject: other, by: 'eve', at: AT });
  const asked = { key: at, repository, at: AT, decidedAt: AT, subject: candidate, note: 'so it is' };
  expect(await new MockActivityEnvironment().run(recordDecision, { ...asked, ...said })).toMatchObject(expected);
});

test('the same is left once, however often it is said', async () => {
  const at = key({ stage: 'approve', iteration: 2 });
  const said = { decision: 'approved', by: 'ada', subject: candidate, note: '', decidedAt: AT } as const;
  const record = () => new MockActivityEnvironment().run(recordDecision, { key: at, repository, at: AT, ...said });
  expect(await record()).toEqual(await record());
  const entries = await git.ledger.entries(repository, at);
  expect(entries.filter(({ message }) => message.startsWith('approve 2:'))).toHaveLength(1);
});
