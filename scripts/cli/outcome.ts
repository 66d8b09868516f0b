// What became of a decision, for the person who made it: accepted, and what happens next, or refused, and why.
import type { DecisionKind, DecisionRecord } from '../../src/domain/decision';
import { Ended, exitCodes } from './exit-codes';
import { oneLine, safeJson } from './safe-text';

const next: Record<Exclude<DecisionKind, 'skip'>, (run: string) => string> = {
  approve: (run) => (run.includes('/') ? 'The gate looks at the evidence and merges.' : 'Work goes on.'),
  requestChanges: () => 'The work goes back with these words.',
  guide: () => 'The work goes on with these words.',
  abandon: () => 'It ends here; what has been merged stays merged.',
  pause: () => 'What is under way is finished, and nothing new is begun.',
  budget: () => 'What waits for it goes on, as far as it reaches.',
  resume: (run) => `It goes on. Pause it again with: npm run pause -- ${run} --by <your name>`,
};

type Outcome = {
  /** What the person called it: the run that decided may be a milestone of it. */
  id: string;
  run: string;
  record: DecisionRecord;
  json: boolean;
  /** What came of a skip: only the run itself knows how much had to go with it. */
  skipped?: string;
};

export function tellOutcome({ id, run, record, json, skipped = '' }: Outcome): void {
  const { accepted, kind, by, reason } = record;
  if (json) console.log(safeJson({ run, ...record }));
  else if (accepted) {
    console.log(`Accepted: ${kind} of ${run} by ${oneLine(by)}. ${kind === 'skip' ? skipped : next[kind](run)}`);
    console.log(`Follow it: npm run status -- ${id} --watch`);
  }
  if (!accepted) throw new Ended(exitCodes.refused, json ? '' : `Refused: ${kind} of ${run}: ${oneLine(reason)}.`);
}
