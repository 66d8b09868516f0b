// All runs at a glance, from the visibility store alone, so that it works with no worker up: what stands where, and what waits for somebody.
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { duration } from './amounts';
import { cut, fill, widthOf } from './columns';
import { painter } from './colour';
import { oneLine } from './safe-text';
import { stateMark } from './run-notes';
import { clientOf } from '../stack/connection';
import { ask, type Connected } from './server';
import { attribute } from './sight';

const RUNNING_LIMIT = 1_000;
const ENDED_LIMIT = 20;
const TYPES = "WorkflowType IN ('deliverProject', 'deliverMilestone')";

export const NOTHING_YET = 'Nothing has been started yet: npm run start -- --help';

export type InboxEntry = {
  id: string;
  kind: 'project' | 'milestone';
  state: string;
  title: string;
  startedAt: string;
  endedAt?: string;
  waitsFor: { id: string; reason: string }[];
};

export async function readInbox(server: Connected): Promise<InboxEntry[]> {
  const running = await list(server, `${TYPES} AND ExecutionStatus = 'Running'`, RUNNING_LIMIT);
  const ended = await list(
    server,
    `${TYPES} AND ExecutionStatus NOT IN ('Running', 'ContinuedAsNew') AND ParentWorkflowId IS NULL`,
    ENDED_LIMIT,
  );
  return inboxOf([...running, ...ended]);
}

async function list(server: Connected, query: string, limit: number): Promise<WorkflowExecutionInfo[]> {
  return ask(server, async () => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of clientOf(server, 'tell').workflow.list({ query, pageSize: Math.min(limit, 100) })) {
      if (found.push(info) === limit) break;
    }
    return found;
  });
}

/** Projects, and milestones that were started alone, each with what it and its milestones wait for. */
export function inboxOf(runs: readonly WorkflowExecutionInfo[]): InboxEntry[] {
  const tops = runs.filter(({ parentExecution }) => !parentExecution?.workflowId);
  const latest = new Set(new Map(tops.toReversed().map((run) => [run.workflowId, run])).values());
  return tops.map((run) => {
    // Started by an earlier history of the same run, perhaps.
    const isOwn = ({ parentExecution }: WorkflowExecutionInfo) =>
      latest.has(run) && parentExecution?.workflowId === run.workflowId;
    const own = runs.filter((other) => other === run || isOwn(other));
    return {
      id: run.workflowId,
      kind: run.type === 'deliverProject' ? 'project' : 'milestone',
      state: stateOf(run),
      title: typeof run.memo?.title === 'string' ? run.memo.title : '',
      startedAt: run.startTime.toISOString(),
      ...(run.closeTime && { endedAt: run.closeTime.toISOString() }),
      waitsFor: own.flatMap(waitOf),
    };
  });
}

function stateOf(run: WorkflowExecutionInfo): string {
  const { name } = run.status;
  if (name === 'RUNNING' || name === 'COMPLETED') return attribute(run, 'state') ?? name.toLowerCase();
  return name.toLowerCase().replaceAll('_', ' ');
}

function waitOf(run: WorkflowExecutionInfo): { id: string; reason: string }[] {
  const reason = run.status.name === 'RUNNING' ? attribute(run, 'waitingFor') : undefined;
  return reason === undefined ? [] : [{ id: run.workflowId, reason }];
}

export function drawInbox(entries: readonly InboxEntry[], now: Date, width: number, color: boolean): string[] {
  if (entries.length === 0) return [NOTHING_YET];
  const paint = painter(color);
  const idWidth = Math.min(40, Math.max(...entries.map(({ id }) => widthOf(id))));
  return entries.flatMap((entry) => {
    const { id, state, title, startedAt, endedAt, waitsFor } = entry;
    const { mark, paint: markPaint } = stateMark(waitsFor.length > 0 ? 'waiting' : state);
    const since = endedAt ?? startedAt;
    const age = `${endedAt === undefined ? 'for' : 'ended'} ${duration(now.getTime() - Date.parse(since))}`;
    const words = `${fill(oneLine(id), idWidth)}  ${state} ${age}${endedAt === undefined ? '' : ' ago'}  ${oneLine(title)}`;
    const waits = waitsFor.map(({ id, reason }) => `    waits for ${oneLine(reason)}: ${oneLine(id)}`);
    return [
      `${paint(markPaint, mark)} ${cut(words, width - 2).trimEnd()}`,
      ...waits.map((wait) => paint('yellow', cut(wait, width))),
    ];
  });
}
