// Why a run gives no account of itself: nobody is there to give it, or somebody is, and fails at it.
import { QueryNotRegisteredError, type WorkflowExecutionDescription } from '@temporalio/client';
import { KEYS_VARIABLE } from '../../src/domain/encryption';
import { failureWords } from './retries';
import { oneLine } from './safe-text';
import { ask, type Connected } from './server';

export const NO_WORKER = 'no worker answers; start one: npm run worker';
export const NOT_OPENED = 'it has not opened its repository yet';

const EVENTS = 50;
const MESSAGE_LIMIT_CHARS = 400;
/** Parts of a run that goes well. */
const HARMLESS = ['unhandled command', 'reset workflow'];

/** What is wrong with a workflow task, as Temporal calls it, and the worker's own words where they are known. */
export type TaskFailure = { cause?: string; message?: string };

type TaskEvent = {
  workflowTaskCompletedEventAttributes?: unknown;
  workflowTaskTimedOutEventAttributes?: unknown;
  workflowTaskFailedEventAttributes?: { failure?: Parameters<typeof failureWords>[0] } | null;
};

/** Of a run that did not answer a query for this error. */
export async function silenceOf(server: Connected, id: string, error: unknown): Promise<string> {
  // A worker tells in this way of everything that keeps it from the answer.
  if (error instanceof QueryNotRegisteredError)
    return isNotOpened(error) ? NOT_OPENED : failingWords({ message: error.message });
  const failure = await taskFailure(server, id);
  return failure === undefined ? NO_WORKER : failingWords(failure);
}

export const isFailing = (silence: string): boolean => silence !== NO_WORKER && silence !== NOT_OPENED;

const isNotOpened = ({ message }: Error): boolean => message.includes('did not register a handler');

/** The query took its time: what the server says now counts. */
async function taskFailure(server: Connected, id: string): Promise<TaskFailure | undefined> {
  const description = await ask(server, () => server.client.workflow.getHandle(id).describe());
  if (!isTriedAgain(description)) return undefined;
  const { namespace, connection } = server;
  const execution = { workflowId: id, runId: description.runId };
  const { history } = await ask(server, () =>
    connection.workflowService.getWorkflowExecutionHistoryReverse({
      ...{ namespace, execution, maximumPageSize: EVENTS },
    }),
  );
  return taskFailureIn(description, history?.events ?? []);
}

const isTriedAgain = ({ raw }: WorkflowExecutionDescription): boolean => (raw.pendingWorkflowTask?.attempt ?? 1) > 1;

/**
 * The history, the latest first, has of a task that fails again and again only the first time, with what the worker said; after
 * some tries more the server reports the cause of the last time.
 */
export function taskFailureIn(
  { searchAttributes }: Pick<WorkflowExecutionDescription, 'searchAttributes'>,
  events: readonly TaskEvent[],
): TaskFailure | undefined {
  const reported = reportedIn(searchAttributes.TemporalReportedProblems);
  const first = firstFailure(events);
  if (reported === undefined) return first;
  return first?.cause === reported ? first : { cause: reported };
}

/** Lines such as `category=WorkflowTaskFailed` and `cause=WorkflowTaskFailedCauseNonDeterministicError`. */
function reportedIn(lines: readonly unknown[] = []): string | undefined {
  const values = Object.fromEntries(lines.map((line) => String(line).split('=', 2) as [string, string | undefined]));
  if (values.category !== 'WorkflowTaskFailed') return undefined;
  return plain((values.cause ?? '').replace('WorkflowTaskFailedCause', ''));
}

function firstFailure(events: readonly TaskEvent[]): TaskFailure | undefined {
  const last = events.find(
    (event) =>
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes,
  );
  const failed = last?.workflowTaskFailedEventAttributes;
  if (!failed) return undefined;
  // As JSON it has the cause by its name.
  const { cause = '' } = JSON.parse(JSON.stringify(failed)) as { cause?: string };
  const name = plain(cause.replace('WORKFLOW_TASK_FAILED_CAUSE_', ''));
  return HARMLESS.includes(name) ? undefined : { cause: name, message: failureWords(failed.failure) };
}

/** Both `NON_DETERMINISTIC_ERROR` and `NonDeterministicError`: non deterministic error. */
const plain = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

export function failingWords({ cause, message }: TaskFailure): string {
  const said = message === undefined ? undefined : oneLine(message).slice(0, MESSAGE_LIMIT_CHARS);
  const what = [cause, said].filter((words) => words !== undefined && words !== '').join(': ');
  return `a worker takes it up, and its workflow task fails (${oneLine(what)}). ${cureOf(what)}`;
}

function cureOf(what: string): string {
  if (/non.?deterministic|nondeterminism/i.test(what))
    return 'Start the code again that it was begun with: docs/upgrades.md, "When it went wrong"';
  if (what.includes(KEYS_VARIABLE)) return 'Give that worker the key: docs/operating.md, "Encryption"';
  return 'Look at what that worker logs: docs/operating.md, "When something else is wrong"';
}
