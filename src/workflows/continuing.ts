// A history has an end, and a run may need more: before the server's limit the run goes on in a new history, with all that it knows.
import { CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import type { DocketState } from '../domain/docket';
import type { KeptMilestone } from '../domain/status';
import { allSent } from './errands';
import { MilestoneBook } from './milestone-book';
import { readable } from './readable';
import type { Run, RunState, Subject } from './run';

const EVENTS_AT_LEAST = 60;
const RARELY = '6 hours';
// Each page is a payload of its own, and small enough for one.
const MILESTONES_ON_A_PAGE = 200;

export type Was = { runId: string; decided: DocketState };
/** The arguments after what was asked for: what was decided, what the run is about, how it stands, and its milestones. */
export type Kept = [] | [Was] | [Was, Subject, RunState, ...KeptMilestone[][]];

export type TakenUp = {
  /** Of the first history. */
  runId: string;
  decided?: DocketState;
  subject?: Subject;
  stood?: RunState;
  milestones: MilestoneBook;
};

/** Only the server starts a run that continues another: who starts one by hand begins. */
export function takenUp(kept: Kept): TakenUp {
  const { runId, continuedFromExecutionRunId } = workflowInfo();
  if (continuedFromExecutionRunId === undefined) return { runId, milestones: new MilestoneBook() };
  const [was, subject, stood, ...pages] = kept.map(readable) as Kept;
  const milestones = new MilestoneBook(pages.flat().map((milestone) => [milestone.id, milestone]));
  return { runId, ...was, milestones, ...(subject && stood && { subject, stood }) };
}

export function keptOf(run: Run): [Was, Subject, RunState, ...KeptMilestone[][]] {
  const { runId, desk, subject, kept } = run;
  const milestones = [...run.milestones.values()];
  const pages = Array.from({ length: Math.ceil(milestones.length / MILESTONES_ON_A_PAGE) }, (_, page) =>
    milestones.slice(page * MILESTONES_ON_A_PAGE, (page + 1) * MILESTONES_ON_A_PAGE),
  );
  return [{ runId, decided: desk.state }, subject, kept, ...pages];
}

/** The history comes near to what the server takes: nothing new begins in it. One that is large from the start has to get somewhere first. */
export function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested && historyLength > EVENTS_AT_LEAST;
}

/** How long until the next look: who is at work, and only waits, must get along with the rest of this history. */
export function sparing<T>(after: T): T | typeof RARELY {
  return isLong() && patched('looks-become-rare') ? RARELY : after;
}

/** It can end here: all that is at work only waits, and nothing has been said that is not heard. */
export function mayGoOn({ desk, purse, posting, resting }: Run, atWork: Iterable<string>): boolean {
  const isBusy = desk.isBusy || purse?.isBusy || posting > 0 || !allSent();
  return mustGoOn() && !isBusy && [...atWork].every((stage) => resting.has(stage));
}

/** A further history knows nothing of a cancellation: one that comes in the task in which this one would end is obeyed here. */
export const mustGoOn = (): boolean => isLong() && !CancellationScope.current().consideredCancelled;
