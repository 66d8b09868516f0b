// What the end of a run that was waited for means: everything merged, or not.
import { exitCodes, type ExitCode } from './exit-codes';
import { isMute, type Sight } from './sight';

/** A pipeline without a merge ends its milestone as complete: that is all that was asked of it. */
const delivered = (state: string): boolean => state === 'merged' || state === 'complete';

export function exitCodeOf(sight: Sight): ExitCode {
  const { over, status } = sight;
  if (isMute(sight)) return exitCodes.unanswered;
  if (!over || status === undefined || !delivered(status.state)) return exitCodes.unfinished;
  const all = status.kind === 'milestone' || status.milestones.length > 0;
  return all && status.milestones.every(({ state }) => delivered(state)) ? exitCodes.done : exitCodes.unfinished;
}
