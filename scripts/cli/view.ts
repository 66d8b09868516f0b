// One view of a run as lines: its tree and what to do next, or what is on record where nobody gives an account.
import { painter } from './colour';
import { cut, wrap } from './columns';
import { oneLine } from './safe-text';
import type { Sight } from './sight';
import { drawTree, type TreeOptions } from './tree';
import { nextSteps, waitsOf } from './waits';

export function viewLines(sight: Sight, options: TreeOptions): string[] {
  const { status, milestones, retries } = sight;
  if (status === undefined) return recordLines(sight, options);
  const steps = nextSteps(waitsOf(status, milestones)).map((step) => cut(`→ ${step}`, options.width));
  const stalled = (sight.stalled ?? []).flatMap(({ run, why }) => warning(`✗ ${run}: ${why}`, options));
  const below = [...(stalled.length === 0 ? [] : ['', ...stalled]), ...(steps.length === 0 ? [] : ['', ...steps])];
  const rows = options.rows === undefined ? {} : { rows: options.rows - below.length };
  return [...drawTree(status, milestones, { ...options, ...rows, retries }), ...below];
}

function recordLines({ id, state, waitingFor, silence, retries, over }: Sight, { width, color }: TreeOptions) {
  const waits = waitingFor === undefined ? '' : `, waits for ${oneLine(waitingFor)}`;
  return [
    cut(`${id}: ${oneLine(state)}${waits}${over ? '' : ' (as last recorded)'}`, width),
    ...warning(silence ?? '', { width, color }),
    ...retries.map(({ activity, attempt, failure }) =>
      cut(`↻ ${activity} failed, attempt ${attempt} is next: ${oneLine(failure)}`, width),
    ),
  ];
}

function warning(text: string, { width, color }: Pick<TreeOptions, 'width' | 'color'>): string[] {
  const paint = painter(color);
  return wrap(oneLine(text), width).map((line) => paint('yellow', cut(line, width)));
}
