// One stage in the tree: how it stands, which round it is in, what came of it, how long it took and what it cost.
import type { StageStatus, Status } from '../../src/domain/status';
import { between, cost, duration } from './amounts';
import type { Branch } from './branches';
import { runMarks, rightColumns, type Mark } from './run-notes';
import { oneLine } from './safe-text';

const marks: Record<StageStatus['state'], Mark> = {
  waiting: { mark: '·', paint: 'dim' },
  running: runMarks.running,
  done: { mark: '✓', paint: 'green' },
  skipped: { mark: '↷', paint: 'dim' },
};
const sentBack: Mark = { mark: '↺', paint: 'yellow' };

export function stageBranch(stage: StageStatus, run: Status, now: Date): Branch {
  const { name, state, iteration } = stage;
  const again = state === 'waiting' && iteration > 0;
  const round = iteration > 1 ? ` ×${iteration}` : '';
  const mark = again ? sentBack : marks[state];
  return {
    row: { ...mark, name: oneLine(`${name}${round}`), text: oneLine(wordsOf(stage)), right: right(stage, run, now) },
    below: [],
  };
}

/** While it runs, what its last round came to is out of date. */
function wordsOf({ state, iteration, summary }: StageStatus): string {
  switch (state) {
    case 'waiting':
      return iteration > 0 ? `to be done again: ${summary}` : '';
    case 'running':
      return '';
    case 'skipped':
      return `not needed: ${summary}`;
    case 'done':
      return summary;
  }
}

function right({ state, startedAt, endedAt, usage }: StageStatus, run: Status, now: Date): string {
  if (state !== 'running' && state !== 'done') return rightColumns('', cost(usage.costUsd));
  const end = endedAt ?? run.endedAt ?? now;
  return rightColumns(startedAt === undefined ? '' : duration(between(startedAt, end)), cost(usage.costUsd));
}
