// What stored histories show of the workflows: which pipelines, which ends, and which patches they went through.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HISTORIES = join(__dirname, '../histories');

/** Those that are shipped. */
export const pipelines = (): string[] =>
  readdirSync(join(__dirname, '../../pipelines')).map((file) => file.replace('.yaml', ''));

type Payloads = { payloads?: { data?: string }[] };
type Event = {
  eventType: string;
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string }; input?: Payloads };
  workflowExecutionCompletedEventAttributes?: { result?: Payloads };
  activityTaskCompletedEventAttributes?: { result?: Payloads };
  markerRecordedEventAttributes?: { markerName: string; details?: Record<string, Payloads> };
};
export type Exported = { events: Event[] };

export const fileOf = (name: string): string => join(HISTORIES, `${name}.json`);
export const keep = (name: string, history: Exported): void =>
  writeFileSync(fileOf(name), `${JSON.stringify(history)}\n`);

export const stored = (): Exported[] =>
  readdirSync(HISTORIES).map((file) => JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as Exported);

/** Such as `deliverMilestone ended as merged`, `the patch last-word`, `the pipeline factory`. */
export function shownBy({ events }: Exported): string[] {
  const begun = events[0]!.workflowExecutionStartedEventAttributes!;
  const { name } = begun.workflowType;
  const patches = events.flatMap(({ markerRecordedEventAttributes: marker }) =>
    marker?.markerName === 'core_patch' ? Object.values(marker.details ?? {}).map((said) => fieldsOf(said).id) : [],
  );
  const end = endOf(events.at(-1)!);
  const opened = events.map(({ activityTaskCompletedEventAttributes: done }) => fieldsOf(done?.result).definition);
  // A milestone of a project was given its definition as it began.
  const pipeline = opened.find(hasTop)?.top ?? fieldsOf(begun.input).pipeline;
  return [
    ...pipelines().flatMap((shipped) => (shipped === pipeline ? [`the pipeline ${shipped}`] : [])),
    ...(end === undefined ? [] : [`${name} ended as ${end}`]),
    ...patches.map((patch) => `the patch ${String(patch)}`),
  ];
}

const hasTop = (definition: unknown): definition is { top: string } =>
  typeof (definition as { top?: unknown } | undefined)?.top === 'string';

const endings: Readonly<Record<string, string>> = {
  EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: 'cancelled',
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'to be continued',
  EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: 'not opened',
};

/** One that is at work, or was terminated, has none of its own. */
function endOf({ eventType, workflowExecutionCompletedEventAttributes: completed }: Event): string | undefined {
  return completed === undefined ? endings[eventType] : String(fieldsOf(completed.result).outcome);
}

function fieldsOf(said: Payloads | undefined): Record<string, unknown> {
  const data = said?.payloads?.[0]?.data;
  if (data === undefined) return {};
  const fields: unknown = JSON.parse(Buffer.from(data, 'base64').toString() || 'null');
  return (fields ?? {}) as Record<string, unknown>;
}
