// The milestones of a run, in the order of its plan: how each stands, by what was decided here and what it has said of itself.
import { milestoneWorkflowId } from '../domain/names';
import type { MilestoneResult, Planned } from '../domain/schedule';
import { MilestoneReport, outcomeWords, type KeptMilestone, type MilestoneStatus } from '../domain/status';
import { noUsage, type Usage } from '../domain/usage';

export class MilestoneBook extends Map<string, KeptMilestone> {
  /** Those that have said that they are over, where that has not been looked into. */
  readonly overs = new Set<string>();

  plan(project: string, { id, title, dependencies }: Planned): void {
    const workflowId = milestoneWorkflowId({ project, milestone: id });
    this.set(id, { id, title, dependencies, workflowId, state: 'planned', usage: noUsage });
  }

  /** How one stands now; what it waited for is over. */
  tell(id: string, change: Pick<KeptMilestone, 'state' | 'runId' | 'reason' | 'result'>): void {
    const { waitingFor: _, ...before } = this.get(id)!;
    this.set(id, { ...before, ...change });
  }

  conclude(id: string, { attempts: _, ...result }: MilestoneResult): void {
    this.tell(id, { state: result.outcome, reason: outcomeWords(result), result });
  }

  /** One has said what it waits for now. Anybody may send that: what does not fit is left aside, and answered by no. */
  hear(input: unknown): boolean {
    const report = MilestoneReport.safeParse(input);
    const known = report.success ? this.get(report.data.id) : undefined;
    if (!report.success || known === undefined || !isNews(known, report.data)) return false;
    const { waitingFor: _, ...before } = known;
    const { over, ...said } = report.data;
    if (over) this.overs.add(known.id);
    this.set(known.id, { ...before, ...said });
    return true;
  }

  /** Those that the run never came to. */
  leave(reason: string): void {
    for (const [id, milestone] of this)
      if (milestone.state === 'planned') this.set(id, { ...milestone, state: 'abandoned', reason });
  }

  get areAtWork(): boolean {
    return [...this.values()].some(({ state }) => state === 'running');
  }

  get statuses(): MilestoneStatus[] {
    return [...this.values()].map(({ usage: _, result: __, told: ___, ...milestone }) => milestone);
  }

  get usages(): Usage[] {
    return [...this.values()].map(({ usage }) => usage);
  }
}

// Of two workers of one server, whose time it is.
const AHEAD_MS = 60_000;

/** Signals may come in another order than that in which they were sent. */
function isNews({ told: before = 0 }: KeptMilestone, { told }: MilestoneReport): boolean {
  return told === undefined || (told >= before && told <= Date.now() + AHEAD_MS);
}
