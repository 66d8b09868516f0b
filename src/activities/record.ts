// What code, people and the gate found, written into the ledger; and how a handoff is found there again.
import type { TaskPlan } from '../domain/artifacts/task-plan';
import type { BugTask, TestReport } from '../domain/artifacts/test-report';
import type { TestSuite } from '../domain/artifacts/test-suite';
import { bugTasks } from '../domain/bug-tasks';
import { noHandoff, summarize, type ArtifactRef, type Handoff } from '../domain/handoff';
import { stageFolder } from '../domain/names';
import { composeReport } from '../domain/report';
import { reportMarkdown } from '../domain/report-markdown';
import type { ApprovalTask, BoardTask, Common, DecisionTask, RecordTask, ReportTask, Tested } from '../domain/tasks';
import { noUsage } from '../domain/usage';
import { alive } from './alive';
import { readDelivery, readStages } from './delivery';
import { artifactFiles, attest, json, storedHandoff } from './entry';
import type { Ledger, Trees } from './ports';
import { keptSignature } from './signatures';

export type RecordActivities = ReturnType<typeof createRecordActivities>;

export function createRecordActivities({ trees, ledger }: { trees: Trees; ledger: Ledger }) {
  return {
    recordTests: ({ key, repository, at, tested, tasks }: RecordTask): Promise<Handoff> =>
      alive(async () => {
        const bugs = tasks === undefined ? [] : await bugsIn(repository, tested, tasks, `${key.iteration}`);
        const report = reportOf(tested, bugs);
        const { green, total, passed, failed, coverage, candidate, base, tree, acceptance } = tested;
        const handoff: Handoff = {
          status: green ? 'ok' : tested.cause === 'base-broken' ? 'blocked' : 'rework',
          ...(tested.cause && { cause: tested.cause }),
          ...(tested.fingerprint && { fingerprint: tested.fingerprint }),
          confidence: 1,
          artifact: { kind: 'TestReport', commit: '', path: `${stageFolder(key)}/TestReport.json` },
          summary: report.summary,
          facts: {
            ...{ green, total, passed, failed, coverage, candidate, base, tree },
            ...(acceptance !== undefined && { acceptance }),
            ...(bugs.length > 0 && { bugs: bugs.map(({ id, task }) => ({ id, task })) }),
          },
          usage: noUsage,
        };
        return attest(ledger, {
          key,
          repository,
          at,
          handoff,
          files: artifactFiles(key, 'TestReport', report, `Tests of ${candidate.slice(0, 10)}`),
        });
      }),

    /** What an earlier run left under this key; null where there is nothing. */
    recorded: ({ key, repository }: Common): Promise<Handoff | null> =>
      alive(async () => {
        const done = await ledger.find(repository, key);
        return done === undefined ? null : storedHandoff(ledger, repository, done, key);
      }),

    /**
     * The approval of what an earlier run has merged: nothing of it is left to decide. Null where there is something, as
     * where the branch has been set back since.
     */
    approvedBefore: ({ key, repository, session, branch, subject }: ApprovalTask): Promise<Handoff | null> =>
      alive(async () => {
        const stages = await readStages({ trees, ledger }, repository, { ...key, session });
        const handoffs = Object.values(stages).flatMap(({ rounds }) => rounds.map(({ handoff }) => handoff));
        const merges = handoffs.flatMap(({ facts }) =>
          facts.candidate === subject && typeof facts.commit === 'string' ? [facts.commit] : [],
        );
        const approval = handoffs.findLast(({ status, facts }) => status === 'ok' && facts.subject === subject);
        return approval !== undefined && (await holdsOneOf(repository, branch, merges)) ? approval : null;
      }),

    recordDecision: ({ key, repository, at, ...decided }: DecisionTask): Promise<Handoff> =>
      alive(async () => {
        const { subject, decision, by, note, decidedAt, paths, signature } = decided;
        const summary = summarize(`${decision} by ${by}${note ? `: ${note}` : ''}`);
        const sentBack = decision === 'changes-requested' && { status: 'rework' as const, cause: decision, note };
        const kept = signature && { signature: await keptSignature(signature, note) };
        const facts = { subject, by, at: decidedAt, ...(paths && { paths }), ...kept };
        const handoff: Handoff = { ...noHandoff, ...sentBack, summary, facts };
        const files = [{ path: `${stageFolder(key)}/decision.json`, content: json(decided) }];
        return attest(ledger, { key, repository, at, handoff, files });
      }),

    /** A board shows this run, even where an earlier one stood there too. */
    postBoard: ({ key, own = key, repository, at, board, notes }: BoardTask): Promise<void> =>
      alive(async () => {
        const files = [
          { path: 'board.json', content: json(board) },
          { path: 'board.md', content: notes },
        ];
        const message = summarize(`board: ${board.status ?? 'begun'}; ${board.last ?? ''}`);
        await ledger.append({ repository, key: own, files, message, at });
      }),

    writeReport: ({ key, repository, at, status }: ReportTask) =>
      alive(async () => {
        const report = composeReport(status, await readDelivery({ trees, ledger }, repository, status));
        const markdown = reportMarkdown(status, report);
        const files = [
          { path: 'report/FinalReport.json', content: json(report) },
          { path: 'report/FinalReport.md', content: markdown },
        ];
        const commit = await ledger.append({ repository, key, files, message: `Report: ${report.summary}`, at });
        return { commit, path: 'report/FinalReport.md' };
      }),
  };

  async function holdsOneOf(repository: string, branch: string, commits: readonly string[]): Promise<boolean> {
    const head = commits.length === 0 ? undefined : await trees.head(repository, branch);
    if (head === undefined) return false;
    const held = await Promise.all(commits.map((commit) => trees.isAncestor(repository, commit, head)));
    return held.includes(true);
  }

  async function bugsIn(
    repository: string,
    { failures }: Tested,
    { plan, suites }: NonNullable<RecordTask['tasks']>,
    round: string,
  ): Promise<BugTask[]> {
    const read = async <T>(artifact: ArtifactRef) => JSON.parse(await ledger.read(repository, artifact)) as T;
    const written = await Promise.all(suites.map((suite) => read<TestSuite>(suite)));
    const cases = written.flatMap((suite) => suite.cases);
    return bugTasks(failures, { plan: await read<TaskPlan>(plan), cases, round });
  }
}

function reportOf(tested: Tested, bugs: readonly BugTask[]): TestReport {
  const { green, cause: _, redByLoading, fingerprint: __, acceptance: ___, flakyCount, ...measured } = tested;
  const { passed, total, coverage, objections } = measured;
  const loading = redByLoading > 0 ? `, ${redByLoading} red on the base only by not loading` : '';
  const flaky = measured.flaky ?? []; // a run that began under an earlier version has none
  const unsure = flaky.length > 0 ? `, ${flakyCount ?? flaky.length} change their mind` : '';
  const counts = `${passed} of ${total} tests pass${unsure}${coverage === null ? '' : `, ${coverage.toFixed(1)} % of lines covered`}${loading}`;
  const summary = summarize(
    green
      ? `green: ${counts}`
      : `${objections[0]}${objections.length > 1 ? ` (and ${objections.length - 1} more)` : ''}; ${counts}`,
  );
  return { summary, confidence: 1, ...measured, flaky, red_by_loading: redByLoading, bug_tasks: [...bugs] };
}
