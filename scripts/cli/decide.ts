// Sends a person's decision as a signal, and waits until the run has written down what became of it.
import { setTimeout as pause } from 'node:timers/promises';
import { isGrpcServiceError, QueryNotRegisteredError, WorkflowNotFoundError } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/workflow';
import { decisions, type Decision, type DecisionKind, type DecisionRecord } from '../../src/domain/decision';
import { firstRunOf, type RunName } from '../../src/domain/signature';
import { decisions as recordsQuery, decisionSignals } from '../../src/workflows/messages';
import { Ended, exitCodes } from './exit-codes';
import { oneLine } from './safe-text';
import { ask, isUnreached, missingRun, type Connected } from './server';
import { signed, type Key } from './sign';
import { NO_WORKER, silenceOf } from './silence';
import { asOption, demand } from './wording';

const RECORD_SECONDS = 20;
const NOTE_RECORDED_CHARS = 400;

/** Checks locally what the run would refuse as malformed. */
export const demandDecision = <K extends DecisionKind>(kind: K, input: Record<string, unknown>): Decision<K> =>
  demand(decisions[kind], withoutEmpty(input), asOption) as Decision<K>;

const withoutEmpty = (input: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

export async function decide(
  server: Connected,
  run: string,
  kind: DecisionKind,
  decided: Decision,
  key?: Key,
): Promise<DecisionRecord> {
  const handle = server.client.workflow.getHandle(run);
  const records = () => ask(server, () => handle.query(recordsQuery), 5);
  const before = await records().catch(async (error: unknown) => {
    throw await unheard(error, run, server);
  });
  const decision = key === undefined ? decided : await signed(key, await nameOf(server, run), kind, decided);
  const signal = decisionSignals[kind] as SignalDefinition<[Decision]>;
  await ask(server, () => handle.signal(signal, decision)).catch((error: unknown) => {
    throw error instanceof WorkflowNotFoundError ? new Ended(exitCodes.refused, `${run} has ended already.`) : error;
  });
  for (const deadline = Date.now() + RECORD_SECONDS * 1000; Date.now() < deadline; await pause(100)) {
    const record = newRecord(before, await records().catch(() => before), kind, decision);
    if (record !== undefined) return record;
  }
  throw new Ended(
    exitCodes.unanswered,
    `The decision has been sent to ${run}, and nothing has become of it within ${RECORD_SECONDS} seconds: ` +
      `no worker has taken it up (npm run worker), or its signature is to be verified still. ` +
      `What becomes of it: npm run status -- ${run}`,
  );
}

/** The run that has this id now, by the first of its histories: a signature counts for no other. */
async function nameOf(server: Connected, workflowId: string): Promise<RunName> {
  const described = await ask(server, () => server.client.workflow.getHandle(workflowId).describe());
  return { workflowId, runId: firstRunOf(described) };
}

/** The server is there: a question to the run that it cannot pass on is one that no worker takes, or can answer. */
async function unheard(error: unknown, run: string, server: Connected): Promise<unknown> {
  const missing = missingRun(error, run, server);
  if (missing !== error) return missing;
  const isUnanswered = error instanceof QueryNotRegisteredError || isUnreached(error);
  if (!isUnanswered && !isGrpcServiceError(error instanceof Error ? error.cause : error)) return error;
  const silence = await silenceOf(server, run, error);
  const words =
    silence === NO_WORKER
      ? `No worker answers for ${run}, so nothing was sent. Start one (npm run worker), then do this again.`
      : `${run} does not answer, so nothing was sent: ${oneLine(silence)}`;
  return new Ended(exitCodes.unanswered, words);
}

/** The record of this very decision: one that was not there before, of the same kind, person and subject. */
export function newRecord(
  before: readonly DecisionRecord[],
  after: readonly DecisionRecord[],
  kind: DecisionKind,
  { by, subject, note }: { by: string; subject?: string; note?: string },
): DecisionRecord | undefined {
  const fresh = after.slice(overlap(before, after));
  const own = fresh.find(
    (record) =>
      record.kind === kind &&
      record.by === by &&
      record.subject === subject &&
      (record.note ?? '') === (note ?? '').slice(0, NOTE_RECORDED_CHARS),
  );
  // A worker without the key knows neither who said it nor what about.
  const isUnread = ({ by: said, reason }: DecisionRecord) => said === 'unknown' && reason.includes('cannot be decoded');
  return own ?? fresh.find((record) => record.kind === kind && isUnread(record));
}

/** Records are kept up to a limit, the oldest going first: how many of those after were there before. */
function overlap(before: readonly DecisionRecord[], after: readonly DecisionRecord[]): number {
  const last = JSON.stringify(before.at(-1));
  return before.length === 0 ? 0 : after.findLastIndex((record) => JSON.stringify(record) === last) + 1;
}
