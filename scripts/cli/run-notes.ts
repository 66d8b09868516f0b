// What stands beside a run in the tree: its mark, its time and cost, and the lines that say what it waits for and what was refused.
import { dollars } from '../../src/domain/account';
import { triedBefore } from '../../src/domain/attempts';
import type { Status } from '../../src/domain/status';
import { between, cost, duration, moment } from './amounts';
import type { Branch } from './branches';
import type { Paint } from './colour';
import { widthOf } from './columns';
import type { Retry } from './retries';
import { oneLine } from './safe-text';

const REFUSALS_SHOWN = 3;
const TIME_COLUMNS = 7;
const COST_COLUMNS = 8;

export type Mark = { mark: string; paint?: Paint };

export const runMarks = {
  running: { mark: '▶', paint: 'cyan' },
  waiting: { mark: '!', paint: 'yellow' },
  ended: { mark: '✓', paint: 'green' },
  failed: { mark: '✗', paint: 'red' },
} as const satisfies Record<string, Mark>;

export function stateMark(state: string): Mark {
  if (state === 'planned') return { mark: '·', paint: 'dim' };
  if (state === 'skipped') return { mark: '↷', paint: 'dim' };
  if (state === 'running' || state === 'waiting') return runMarks[state];
  return state === 'merged' || state === 'complete' ? runMarks.ended : runMarks.failed;
}

export const elapsedAndCost = ({ startedAt, endedAt, usage }: Status, now: Date): string =>
  rightColumns(duration(between(startedAt, endedAt ?? now)), cost(usage.costUsd));

export const rightColumns = (time: string, money: string): string =>
  time === '' && money === '' ? '' : `${right(time, TIME_COLUMNS)} ${right(money, COST_COLUMNS)}`;

const right = (text: string, width: number) => ' '.repeat(Math.max(0, width - widthOf(text))) + text;

export function notesOf(status: Status, { now, retries = [] }: { now: Date; retries?: readonly Retry[] }): Branch[] {
  const own = retries.filter(({ run }) => run === status.id);
  return [
    ...waiting(status, now),
    ...account(status),
    ...own.map((retry) => retrying(retry, now)),
    ...tried(status),
    ...shared(status),
    ...refusals(status, now),
  ];
}

/** Of what was merged in the end the report tells; until then it is news. */
function tried(status: Status): Branch[] {
  if (stateMark(status.state) === runMarks.ended) return [];
  return triedBefore(status).map(({ iteration, score, summary }) =>
    note('↺', 'yellow', `attempt ${iteration} scored ${score} of 5: ${summary}`),
  );
}

/** The board in a line, where the pipeline gives it a status; the whole of it is in the ledger, and in `--json`. */
function shared({ board }: Status): Branch[] {
  if (board?.status === undefined) return [];
  return [note('▪', 'cyan', `board: ${board.status}, after ${board.last ?? 'nothing yet'}`)];
}

function waiting({ waitingFor }: Status, now: Date): Branch[] {
  if (waitingFor === undefined) return [];
  const { for: reason, since, detail, subject } = waitingFor;
  const time = `since ${moment(since, now)} (${duration(between(since, now))})`;
  const words = reason.startsWith('queue:')
    ? `waiting: queue ${detail} ${time}`
    : `waits for ${reason} ${time}: ${detail}`;
  return [note('!', 'yellow', words), ...(subject === undefined ? [] : [note(' ', 'yellow', subject)])];
}

/** Where what may be spent is limited. */
function account({ budget }: Status): Branch[] {
  if (budget === undefined) return [];
  const reserved = budget.reservedUsd === 0 ? '' : `, ${dollars(budget.reservedUsd)} reserved`;
  return [note('$', 'cyan', `budget: ${dollars(budget.spentUsd)} of ${dollars(budget.usd)} spent${reserved}`)];
}

function retrying({ activity, attempt, failure, nextAt }: Retry, now: Date): Branch {
  const left = nextAt === undefined ? 0 : between(now.toISOString(), nextAt);
  const when = left > 0 ? `in ${duration(left)}` : 'now';
  return note('↻', 'yellow', `${activity} failed, attempt ${attempt} ${when}: ${failure}`);
}

function refusals({ decisions, endedAt }: Status, now: Date): Branch[] {
  if (endedAt !== undefined) return [];
  const refused = decisions.recent.filter(({ accepted }) => !accepted).slice(-REFUSALS_SHOWN);
  return refused.map(({ kind, by, at, reason }) =>
    note('✗', 'red', `${kind} by ${by} refused at ${moment(at, now)}: ${reason}`),
  );
}

const note = (mark: string, paint: Paint, text: string): Branch => ({
  row: { mark, paint, name: '', text: oneLine(text), right: '' },
  below: [],
});
