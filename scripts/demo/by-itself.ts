// --yes: approves each candidate by itself, and says so. Anything else that waits needs a person, and ends the demo.
import { decide, demandDecision } from '../cli/decide';
import { Ended, exitCodes } from '../cli/exit-codes';
import { oneLine } from '../cli/safe-text';
import { isUnreached, type Connected } from '../cli/server';
import type { Display } from './display';
import type { Settle } from './follow';
import { subjectLines } from './subject';

export function approveByItself(server: Connected, display: Display, by: string): Settle {
  return async (wait) => {
    const { run, waiting } = wait;
    if (waiting.for !== 'approval' && waiting.for !== 'plan') {
      throw new Ended(
        exitCodes.failed,
        oneLine(`${run.id} waits for ${waiting.for}, and nobody is here: ${waiting.detail}`),
      );
    }
    const lines = await subjectLines(wait, display.width);
    const decision = demandDecision('approve', {
      ...{ subject: waiting.subject, by, paths: waiting.paths },
      note: 'approved unseen, by --yes',
    });
    const record = await decide(server, run.id, 'approve', decision).catch((error: unknown) => notNow(error));
    if (record === undefined) return; // Asked again at the next look.
    const named = waiting.paths === undefined ? '' : ', naming the protected paths above';
    const became = record.accepted ? `approved by itself (--yes)${named}` : `not accepted: ${oneLine(record.reason)}`;
    display.say(['', ...lines, `  → ${became}`, ''].join('\n'));
  };
}

/** No worker or server is up to hear it: the demo is starting it again. */
export function notNow(error: unknown): undefined {
  if (isUnreached(error) || (error instanceof Ended && error.code === exitCodes.unanswered)) return undefined;
  throw error;
}
