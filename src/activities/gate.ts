// The gate at work: it asks where the base stands, judges the evidence, and merges exactly the tree that was tested. Nothing else merges.
import type { FileContent } from '../domain/artifacts/fields';
import { ApprovalEvidence, judge, judgeApproval, VerifyEvidence } from '../domain/gate';
import { noHandoff } from '../domain/handoff';
import { oneLine } from '../domain/plain-text';
import { ledgerRef, stageFolder } from '../domain/names';
import type { Merged, MergeTask } from '../domain/tasks';
import { alive } from './alive';
import { unlessRefused } from './candidate';
import { json, leave } from './entry';
import type { BaseBranch, Ledger, Protection, Signer, Signers, Trees } from './ports';
import { enveloped, statementOf } from './receipt';
import { approvalObjection } from './signatures';

export type GateActivities = ReturnType<typeof createGateActivities>;

type Deps = {
  trees: Trees;
  ledger: Ledger;
  baseBranch: BaseBranch;
  protection: Protection;
  /** Who vouches for its receipts. */
  signer?: Signer;
  /** Whose approvals count. */
  signers?: Signers;
};

export function createGateActivities({ trees, ledger, baseBranch, protection, signer, signers }: Deps) {
  return {
    mergeCandidate: (task: MergeTask): Promise<Merged> =>
      alive(async (_, awake) => {
        const { repository, branch, demand, evidence, key } = task;
        const verify = VerifyEvidence.safeParse(evidence.verify);
        if (!verify.success) return { outcome: 'refused', reasons: ['there is no green, complete test run'] };
        const { base } = verify.data;
        // Judged for the base that the tests name; whether the branch still stands there is decided by the swap itself.
        const verdict = judge({ ...demand, base }, evidence);
        if (!verdict.pass) return { outcome: 'refused', reasons: verdict.refusals };
        const real = await trees.mergeTree(repository, base, demand.candidate);
        if (real.tree !== verdict.tree)
          return {
            outcome: 'refused',
            reasons: [`the tested tree ${verdict.tree.slice(0, 10)} is not what the merge makes`],
          };
        // Of exactly what would be merged, by the policy of where it goes: whatever anybody was shown before.
        const protectedPaths = await protection.pathsIn(repository, base, verdict.tree);
        const approval = ApprovalEvidence.parse(evidence.approval);
        const { candidate, signed = false } = demand;
        const asked = { repository, branch, candidate, signed };
        const signatureObjection = await approvalObjection({ signers, trees }, asked, approval);
        const objections = judgeApproval({ protectedPaths, signatureObjection }, approval);
        if (objections.length > 0) return { outcome: 'unapproved', reasons: objections, protectedPaths };

        const rewritten = await rewriting(repository, branch, demand.candidate, base);
        if (rewritten !== undefined) return { outcome: 'refused', reasons: [rewritten] };

        const { title, at } = task;
        const merge = { repository, branch, base, candidate: demand.candidate, tree: verdict.tree, key, at };
        // Another attempt may have been told no since, and the run may be over.
        awake();
        const merged = await baseBranch.merge({
          ...merge,
          message: `Merge ${key.milestone}: ${oneLine(title)}`,
          trailers: trailers(task, verify.data),
        });
        if (merged.outcome === 'refused') return { outcome: 'refused', reasons: [merged.reason] };
        if (merged.outcome === 'moved') return afterMove(task, merged.head);
        const { commit } = merged;
        // Merged by an earlier run onto another base, it has its receipt: this evidence is about a merge that was never made.
        const own = merged.base === base;
        await leaveMerge(task, commit, own ? await receipts(task, { commit, tree: verdict.tree, base }) : []);
        await trees.withdraw(repository, key).catch(unlessRefused);
        return { outcome: 'merged', commit };
      }),
  };

  /** The evidence, as it was judged, and the merge that it allowed; and the same as a statement for others. */
  async function receipts(
    task: MergeTask,
    { commit, tree, base }: { commit: string; tree: string; base: string },
  ): Promise<FileContent[]> {
    const { key, branch, demand, evidence } = task;
    const approvedBy = String((evidence.approval as Record<string, unknown>).by);
    const envelope = await enveloped(statementOf(task, { commit, tree, base, approvedBy }), signer);
    return [
      { path: `${stageFolder(key)}/receipt.json`, content: json({ commit, branch, demand, evidence }) },
      { path: `${stageFolder(key)}/receipt.dsse.json`, content: json(envelope) },
    ];
  }

  async function leaveMerge(
    { key, repository, branch, demand, at }: MergeTask,
    commit: string,
    files: readonly FileContent[],
  ): Promise<void> {
    const facts = { commit, candidate: demand.candidate };
    const summary = `merged into ${branch} as ${commit.slice(0, 10)}`;
    await leave(ledger, { key, repository, at, handoff: { ...noHandoff, summary, facts }, files });
  }

  /** A candidate brings along what it was made on. Where somebody has taken that out of the branch, it would come back. */
  async function rewriting(
    repository: string,
    branch: string,
    candidate: string,
    head: string,
  ): Promise<string | undefined> {
    for (const base of await trees.parents(repository, candidate))
      if (!(await trees.isAncestor(repository, base, head)))
        return (
          `${branch} was rewritten: it no longer holds ${base.slice(0, 10)}, on which this candidate was made, and the merge ` +
          `would bring that back. Abandon this, and start it again on ${branch} as it is`
        );
    return undefined;
  }

  async function afterMove({ repository, branch, demand: { candidate } }: MergeTask, head: string): Promise<Merged> {
    const rewritten = await rewriting(repository, branch, candidate, head);
    if (rewritten !== undefined) return { outcome: 'refused', reasons: [rewritten] };
    const { conflicts } = await trees.mergeTree(repository, head, candidate);
    return conflicts.length > 0 ? { outcome: 'conflict', head, paths: conflicts } : { outcome: 'moved', head };
  }
}

/** Why this merge was allowed, on the merge itself. */
function trailers({ key, demand, evidence }: MergeTask, verify: VerifyEvidence): [string, string][] {
  const say = (value: unknown, name: string) => (value as Record<string, unknown> | undefined)?.[name];
  const judged = (found: unknown, text: (found: unknown) => string) =>
    say(found, 'skipped') === true ? `skipped: ${String(say(found, 'expression'))}` : text(found);
  return [
    ['Millwright-Project', key.project],
    ['Millwright-Milestone', key.milestone],
    ['Millwright-Base', verify.base],
    ['Millwright-Candidate', demand.candidate],
    ['Millwright-Tree', verify.tree],
    [
      'Millwright-Tests',
      `${verify.passed} of ${verify.total} passed${verify.coverage === null ? '' : `, ${verify.coverage.toFixed(1)} % of lines`}`,
    ],
    ...demand.reviews.map((stage): [string, string] => [
      'Millwright-Review',
      judged(
        evidence.reviews[stage],
        (found) => `${stage} ${String(say(found, 'score'))} by ${String(say(found, 'model'))}`,
      ),
    ]),
    ...demand.evaluations.map((stage): [string, string] => [
      'Millwright-Evaluation',
      judged(evidence.evaluations[stage], (found) => `${stage} ${String(say(found, 'mean'))}`),
    ]),
    ['Millwright-Approved-By', String(say(evidence.approval, 'by'))],
    ['Millwright-Ledger', ledgerRef(key)],
  ];
}
