// Ends what nobody hears of any more: milestones whose project was terminated, and so could not tell them; and takes away what
// calls that nobody waits for have left in a repository.
import { getClient, log } from '@temporalio/activity';
import { effectKey, milestoneWorkflowId, searchAttributes, type EffectKey } from '../domain/names';
import { firstRunOf } from '../domain/signature';
import { alive, thisAttempt } from './alive';
import type { Ledger } from './ports';
import { firstOfSession, isOfSession } from './session';

export type JanitorActivities = ReturnType<typeof createJanitorActivities>;

type Execution = { workflowId: string; runId: string };

const LEFT = "WorkflowType = 'deliverMilestone' AND ExecutionStatus = 'Running' AND ParentWorkflowId IS NOT NULL";

const DELIVERIES = "WorkflowType IN ('deliverProject', 'deliverMilestone')";
const RECENT_MS = 24 * 3_600_000;

export function createJanitorActivities({ ledger }: { ledger: Ledger }) {
  return {
    /** The turns of calls whose runs are over, in every repository of a run that has lately ended; answers whose. */
    dropLeftTurns: (): Promise<string[]> =>
      alive(async () => {
        const dropped: string[] = [];
        for (const repository of await repositoriesLately())
          await dropIn(repository, dropped).catch((error: Error) => log.warn(`left turns: ${error.message}`));
        return dropped;
      }),

    /** Each is told to end, and cleans up after itself; answers which. */
    endLeftMilestones: (): Promise<string[]> =>
      alive(async () => {
        const { workflow } = getClient();
        const ended: string[] = [];
        for await (const { workflowId, runId, parentExecution } of workflow.list({ query: LEFT })) {
          const { workflowId: project, runId: history } = parentExecution ?? {};
          if (!project || !history || (await isAtWork({ workflowId: project, runId: history }))) continue;
          await workflow.getHandle(workflowId, runId).cancel().catch(unlessGone);
          ended.push(workflowId);
        }
        return ended;
      }),
  };

  async function dropIn(repository: string, dropped: string[]): Promise<void> {
    for (const key of await ledger.unfinished(repository)) {
      if (!(await isOver(key))) continue;
      // A call that began since is not over.
      await ledger.dropTurns(repository, key, thisAttempt());
      dropped.push(effectKey(key));
    }
  }
}

/** One for each project: a milestone has its project's. */
async function repositoriesLately(): Promise<Set<string>> {
  const since = new Date(Date.now() - RECENT_MS).toISOString();
  const repositories = new Map<string, string | undefined>();
  for await (const run of getClient().workflow.list({ query: `${DELIVERIES} AND CloseTime > '${since}'` })) {
    const project = run.workflowId.split('/')[0]!;
    if (!repositories.has(project)) repositories.set(project, await repositoryOf(run));
  }
  return new Set([...repositories.values()].filter((repository) => repository !== undefined));
}

/** As it was asked for, or handed down. */
async function repositoryOf(execution: Execution): Promise<string | undefined> {
  const { workflowService, options } = getClient();
  const { namespace, loadedDataConverter } = options;
  const first = await workflowService.getWorkflowExecutionHistory({ namespace, execution, maximumPageSize: 1 });
  let payloads = first.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  for (const codec of loadedDataConverter.payloadCodecs) payloads = await codec.decode(payloads);
  const asked = payloads.map((payload) => loadedDataConverter.payloadConverter.fromPayload<unknown>(payload));
  return asked.map((one) => (one as { repository?: unknown } | undefined)?.repository).find(isText);
}

const isText = (value: unknown): value is string => typeof value === 'string';

async function isOver(key: EffectKey): Promise<boolean> {
  if (isOfSession(key)) return isSessionOver(key);
  for (const workflowId of [milestoneWorkflowId(key), key.project]) {
    const execution = { workflowId, runId: key.runId };
    if ((await described(workflowId, key.runId)) !== undefined) return !(await isAtWork(execution));
  }
  return false; // of another Temporal, or older than this one remembers
}

/** Where all is merged, a next run of the session has nothing to go on with. */
async function isSessionOver(key: EffectKey): Promise<boolean> {
  const ids = [milestoneWorkflowId(key), key.project];
  const first = firstOfSession(key);
  // One of another Temporal is for that one to say.
  if (!(await Promise.all(ids.map((id) => described(id, first)))).some((run) => run !== undefined)) return false;
  const newest = (await Promise.all(ids.map((id) => described(id)))).filter((run) => run !== undefined);
  if (newest.some(({ status }) => status.name === 'RUNNING')) return false;
  const state = newest[0]?.searchAttributes[searchAttributes.state]?.[0];
  return newest[0]?.status.name === 'COMPLETED' && (state === 'merged' || state === 'complete');
}

const described = (workflowId: string, runId?: string) =>
  getClient().workflow.getHandle(workflowId, runId).describe().catch(unlessGone);

/** Whether the run that this history is part of goes on, in whatever history by now. */
async function isAtWork({ workflowId, runId }: Execution): Promise<boolean> {
  const now = await described(workflowId);
  if (now?.status.name !== 'RUNNING') return false;
  const then = await described(workflowId, runId);
  // Past the server's retention there is no telling; then it is taken for the same.
  return then === undefined || firstRunOf(then) === firstRunOf(now);
}

function unlessGone(error: unknown): undefined {
  if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
}
