// What became of looking at signatures: a finding on each word, though nothing can be found on one of them.
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Signers } from '../../src/activities/ports';
import { createSignatureActivities } from '../../src/activities/signatures';
import type { VerifyTask } from '../../src/domain/tasks';

const signers: Signers = {
  objection: async ({ by }) => {
    if (by === 'mallory') throw new Error('ssh-keygen was ended by SIGTERM');
    return by === 'ada' ? undefined : 'its signature is not his';
  },
};
const { verifyDecisions } = createSignatureActivities({ signers });
const signature = { sshsig: 'x', nonce: 'y' };
const task = {
  run: { workflowId: 'run', runId: '1' },
  decisions: ['mallory', 'ada', 'bob'].map((by) => ({
    kind: 'approve',
    decision: { subject: 'f'.repeat(40), by, note: '', signature },
  })),
} as unknown as VerifyTask;
const attempt = (number: number) => new MockActivityEnvironment({ attempt: number }).run(verifyDecisions, task);

test.each([1, 2])('in attempt %d, one that cannot be verified has all of them looked at again', async (number) => {
  await expect(attempt(number)).rejects.toThrow('ssh-keygen was ended by SIGTERM');
});

test('in the third, it alone is refused, and the others have their finding', async () => {
  expect(await attempt(3)).toEqual([
    { valid: false, reason: 'it could not be verified: ssh-keygen was ended by SIGTERM' },
    { valid: true },
    { valid: false, reason: 'its signature is not his' },
  ]);
});
