// Whose word a decision is: asked of the signers whom the operator named, for exactly this run. The workflow asks it, and the gate asks again.
import { activityInfo } from '@temporalio/activity';
import type { Decision, DecisionKind } from '../domain/decision';
import type { Finding } from '../domain/docket';
import { judgeSignature, type ApprovalEvidence } from '../domain/gate';
import { DECISION_NAMESPACE, signedText, type RunName, type Signature } from '../domain/signature';
import type { VerifyTask } from '../domain/tasks';
import { alive, thisAttempt } from './alive';
import { digestOfNote } from './digest';
import { askingRun } from './histories';
import type { Signers, Trees } from './ports';

// A machine that was too busy to verify a word is not so the next time; but one word must not keep all others from being heard.
const PATIENT_ATTEMPTS = 3;

export type SignatureActivities = ReturnType<typeof createSignatureActivities>;

export function createSignatureActivities({ signers }: { signers?: Signers }) {
  return {
    verifyDecisions: ({ decisions, run, parent }: VerifyTask): Promise<Finding[]> =>
      alive(async () => {
        const findings: Finding[] = [];
        for (const { kind, decision } of decisions) {
          // To a project it is said for all its milestones.
          const forAll = kind === 'pause' || kind === 'resume';
          const runs = forAll && parent !== undefined ? [run, parent] : [run];
          findings.push(signers === undefined ? { valid: 'unasked' } : await findingOn(signers, runs, kind, decision));
        }
        return findings;
      }),
  };
}

async function findingOn(
  signers: Signers,
  runs: readonly RunName[],
  kind: DecisionKind,
  decision: Decision,
): Promise<Finding> {
  const { signature, by, note } = decision;
  if (signature === undefined)
    return { valid: false, reason: 'it is not signed, and decisions are signed here (--key FILE)' };
  let reason = '';
  for (const run of runs) {
    const text = signedText(run, { ...decision, ...signature, kind, noteDigest: digestOfNote(note) });
    const asked = { by, text, sshsig: signature.sshsig, namespace: DECISION_NAMESPACE };
    const objection = await signers.objection(asked).catch((error: Error) => {
      if (thisAttempt().number < PATIENT_ATTEMPTS) throw error;
      return `it could not be verified: ${error.message}`;
    });
    if (objection === undefined) return { valid: true };
    reason ||= objection;
  }
  return { valid: false, reason };
}

/** What stays of a signature with the decision: all that is needed to verify it again, but for what is known otherwise. */
export const keptSignature = async (signature: Signature, note: string) => ({
  ...signature,
  ...{ noteDigest: digestOfNote(note), run: await askingRun() },
});

type Asked = { repository: string; branch: string; candidate: string; signed: boolean };

/** The gate's own look at who approved: whatever the workflow says of it. */
export async function approvalObjection(
  { signers, trees }: { signers?: Signers; trees: Trees },
  { repository, branch, candidate, signed }: Asked,
  { by, at, paths, signature }: ApprovalEvidence,
): Promise<string | undefined> {
  const known = signers !== undefined;
  // The server's time, as the approval's is: this worker's clock may be wrong.
  const now = activityInfo().currentAttemptScheduledTimestampMs;
  const objection = judgeSignature({ at, signature }, { known, signed, now });
  if (objection !== undefined || signers === undefined || signature === undefined) return objection;
  const run = await askingRun();
  const head = await trees.head(repository, branch);
  // Of what an earlier run has merged already, nothing is left to decide: its own approval stands.
  const merged = head !== undefined && (await trees.isAncestor(repository, candidate, head));
  const meant = merged && signature.run.workflowId === run.workflowId ? signature.run : run;
  const text = signedText(meant, { ...signature, kind: 'approve', subject: candidate, paths, by });
  return signers.objection({ by, text, sshsig: signature.sshsig, namespace: DECISION_NAMESPACE });
}
