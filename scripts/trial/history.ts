// A run as Temporal's own history tells it: what was scheduled, how often it was tried, what came of it, what was said to it.
import type { EffectKey } from '../../src/domain/names';

export type Activity = {
  type: string;
  input: unknown;
  /** The effect that it is to leave, where it leaves one. */
  key?: EffectKey;
  /** As often as it was begun; 0 where history does not know yet. */
  attempts: number;
  scheduledAt: string;
  startedAt?: string;
  endedAt?: string;
  outcome: 'open' | 'completed' | 'failed' | 'timed out' | 'cancelled';
  result?: unknown;
  /** What its last attempt but one died of. */
  lastFailure?: string;
};

export type Signal = { name: string; input: unknown; at: string };
export type Closing = { how: string; at: string; result?: unknown; failure?: { message: string; type?: string } };

export type Run = {
  workflowId: string;
  runId: string;
  type: string;
  /** When it was heard of last. */
  lastAt: string;
  activities: Activity[];
  signals: Signal[];
  /** As they were upserted last. */
  attributes: Record<string, unknown>;
  closing?: Closing;
  /** Every payload in it as text. */
  payloads: string[];
  /** As it was exported. */
  exported: Exported;
};

export type Exported = { workflowId: string; runId: string; events: HistoryEvent[] };
export type HistoryEvent = { eventId: string; eventTime: string; eventType: string } & Record<string, unknown>;
type Payload = { data?: string };
type Attributes = Record<string, unknown>;

export function readRun(exported: Exported): Run {
  const { workflowId, runId, events } = exported;
  const activities = new Map<string, Activity>();
  const run: Run = {
    ...{
      workflowId,
      runId,
      exported,
      type: '',
      lastAt: events.at(-1)?.eventTime ?? '',
      activities: [],
      signals: [],
      attributes: {},
    },
    payloads: payloadsIn(events).map(String),
  };
  for (const event of events) {
    const about = attributesOf(event);
    const at = event.eventTime;
    const known = activities.get(String(about.scheduledEventId));
    switch (event.eventType.replace('EVENT_TYPE_', '')) {
      case 'WORKFLOW_EXECUTION_STARTED':
        run.type = (about.workflowType as { name: string }).name;
        break;
      case 'WORKFLOW_EXECUTION_SIGNALED':
        run.signals.push({ name: String(about.signalName), input: firstOf(about.input), at });
        break;
      case 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES':
        Object.assign(run.attributes, decodedFields(about.searchAttributes));
        break;
      case 'ACTIVITY_TASK_SCHEDULED': {
        const activity = scheduled(about, at);
        activities.set(event.eventId, activity);
        run.activities.push(activity);
        break;
      }
      case 'ACTIVITY_TASK_STARTED':
        Object.assign(known!, {
          ...{ attempts: Number(about.attempt ?? 1), startedAt: at },
          lastFailure: (about.lastFailure as { message?: string } | undefined)?.message,
        });
        break;
      case 'ACTIVITY_TASK_COMPLETED':
        Object.assign(known!, { outcome: 'completed', endedAt: at, result: firstOf(about.result) });
        break;
      case 'ACTIVITY_TASK_FAILED':
        Object.assign(known!, { outcome: 'failed', endedAt: at });
        break;
      case 'ACTIVITY_TASK_TIMED_OUT':
        Object.assign(known!, { outcome: 'timed out', endedAt: at });
        break;
      case 'ACTIVITY_TASK_CANCELED':
        Object.assign(known!, { outcome: 'cancelled', endedAt: at });
        break;
      default:
        run.closing ??= closing(event.eventType, about, at);
    }
  }
  return run;
}

const CLOSINGS = /^EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|FAILED|TIMED_OUT|CANCELED|TERMINATED|CONTINUED_AS_NEW)$/;

function closing(type: string, about: Attributes, at: string): Closing | undefined {
  const how = CLOSINGS.exec(type)?.[1]?.toLowerCase().replaceAll('_', ' ');
  if (how === undefined) return undefined;
  const failure = about.failure as { message: string; applicationFailureInfo?: { type?: string } } | undefined;
  return {
    ...{ how, at },
    ...(about.result !== undefined && { result: firstOf(about.result) }),
    ...(failure && { failure: { message: failure.message, type: failure.applicationFailureInfo?.type } }),
  };
}

function scheduled(about: Attributes, at: string): Activity {
  const input = firstOf(about.input);
  const { key } = (input ?? {}) as { key?: EffectKey };
  return {
    ...{ type: (about.activityType as { name: string }).name, input, attempts: 0, scheduledAt: at, outcome: 'open' },
    ...(key && { key }),
  };
}

const attributesOf = (event: HistoryEvent): Attributes =>
  (Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1] ?? {}) as Attributes;

const firstOf = (payloads: unknown): unknown =>
  decoded((payloads as { payloads?: Payload[] } | undefined)?.payloads?.[0]);

function decoded(payload: Payload | undefined): unknown {
  if (payload?.data === undefined) return undefined;
  const text = Buffer.from(payload.data, 'base64').toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const decodedFields = (attributes: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries((attributes as { indexedFields?: Record<string, Payload> }).indexedFields ?? {}).map(
      ([name, payload]) => [name, decoded(payload)],
    ),
  );

/** In bytes, as Temporal carried it. */
export const largestPayload = (event: HistoryEvent): number =>
  Math.max(0, ...payloadsIn(event).map(({ length }) => length));

function payloadsIn(value: unknown): Buffer[] {
  if (Array.isArray(value)) return value.flatMap(payloadsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { data, ...rest } = value as Payload;
  const own = typeof data === 'string' ? [Buffer.from(data, 'base64')] : [];
  return [...own, ...payloadsIn(Object.values(rest))];
}
