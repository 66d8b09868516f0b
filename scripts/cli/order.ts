// The way of `guide`, `skip`, `abandon`, `pause`, `resume` and `budget`: find the run that is meant, ask where it matters, send, and say what became of it.
import type { DecisionKind } from '../../src/domain/decision';
import type { Status } from '../../src/domain/status';
import { confirm } from './confirm';
import { decide, demandDecision } from './decide';
import { Ended, exitCodes } from './exit-codes';
import { tellOutcome } from './outcome';
import { oneLine } from './safe-text';
import { withServer, type Connected } from './server';
import { seeRun } from './sight';
import { seeSkipped } from './skipped';
import { escalationsIn, waitsOf } from './waits';

export type OrderOptions = { by: string; note?: string; yes?: boolean; json?: boolean };

type Order = Exclude<DecisionKind, 'approve' | 'requestChanges'>;

export function giveOrder(
  kind: Order,
  id: string,
  options: OrderOptions,
  { question, ...more }: { question?: string; usd?: number } = {},
): Promise<void> {
  const { by, note, json = false } = options;
  const decision = demandDecision(kind, { by: by.trim(), note, ...more });
  return withServer(async (server) => {
    const stuck = kind === 'guide' || kind === 'skip' ? await findEscalated(server, id) : undefined;
    const run = stuck?.id ?? id;
    if (question !== undefined) await confirm(question, options);
    const record = await decide(server, run, kind, decision);
    const hasCome = kind === 'skip' && stuck !== undefined && record.accepted && !json;
    tellOutcome({ id, run, record, json, ...(hasCome && { skipped: await seeSkipped(server, stuck) }) });
  });
}

/** Of a project, the one part of it that is stuck. A milestone is taken by its word: it knows best whether it is. */
async function findEscalated(server: Connected, id: string): Promise<Status> {
  const { status, milestones, silence } = await seeRun(server, id);
  if (status === undefined) {
    throw new Ended(exitCodes.unanswered, `${id} cannot say what waits for guidance: ${oneLine(silence ?? '')}`);
  }
  if (status.kind === 'milestone') return status;
  const stuck = escalationsIn(waitsOf(status, milestones));
  const [only] = stuck;
  if (stuck.length > 1) {
    const list = stuck.map(({ run, waiting }) => `  ${run.id}  ${oneLine(waiting.detail)}`);
    throw new Ended(exitCodes.usage, `Several in ${id} wait for guidance; name one by its id:\n${list.join('\n')}`);
  }
  if (only === undefined) {
    throw new Ended(exitCodes.refused, `Refused, and nothing was sent: nothing of ${id} waits for guidance now.`);
  }
  return only.run;
}
