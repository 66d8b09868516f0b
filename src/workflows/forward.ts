// A person may speak to the project alone: what is meant for one of its milestones is passed on to it.
import { getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import { decisions, mayDecide, type DecisionKind } from '../domain/decision';
import type { Forward } from './desk';
import { sent } from './errands';
import { decisionSignals } from './messages';
import type { MilestoneBook } from './milestone-book';

// Temporal takes 2,000 at once, and each leaves its events in the history: a flood goes no further than this.
const UNDERWAY_LIMIT = 100;
const PASSED_ON_LIMIT = 1_000;

export function forwardTo(milestones: MilestoneBook, approvers: readonly string[]): Forward {
  let underway = 0;
  let passedOn = 0;
  // A run that began before there was this limit has passed everything on.
  const tooMuch = () => (underway >= UNDERWAY_LIMIT || passedOn >= PASSED_ON_LIMIT) && patched('passing-on-has-an-end');
  const hopeless = (kind: DecisionKind, input: unknown) => {
    const decision = decisions[kind].safeParse(input);
    const counts = decision.success && mayDecide(approvers, decision.data.by);
    return !counts && patched('hopeless-is-not-passed-on');
  };

  return (kind, input) => {
    const { subject, milestone: named } = (typeof input === 'object' && input !== null ? input : {}) as Record<
      string,
      unknown
    >;
    const running = [...milestones.values()].filter(({ state }) => state === 'running');
    const pass = (workflowId: string, decision: unknown) => {
      if (tooMuch()) return { refused: `too much has been said to the project: say it to ${workflowId} itself` };
      underway += 1;
      passedOn += 1;
      const milestone = getExternalWorkflowHandle(workflowId);
      // A milestone that has just ended cannot be told any more, and nothing is lost by it.
      const told = () => void (underway -= 1);
      sent(milestone.signal(decisionSignals[kind], decision as never)).then(told, told);
      return { passedTo: workflowId };
    };
    switch (kind) {
      case 'approve':
      case 'requestChanges': {
        const waiting = running.find(
          ({ waitingFor }) => waitingFor?.subject !== undefined && waitingFor.subject === subject,
        );
        return waiting === undefined || hopeless(kind, input) ? undefined : pass(waiting.workflowId, input);
      }
      case 'guide':
      case 'skip':
      case 'abandon': {
        if (typeof named !== 'string') return undefined;
        const meant = running.find(({ id }) => id === named);
        if (meant === undefined) return { refused: `there is no running milestone "${named.slice(0, 60)}"` };
        return hopeless(kind, input) ? undefined : pass(meant.workflowId, input);
      }
      case 'pause':
      case 'resume':
        if (running.length === 0 || hopeless(kind, input)) return undefined;
        running.forEach(({ workflowId }) => pass(workflowId, input));
        return undefined; // and for the project itself
      case 'budget':
        return undefined;
    }
  };
}
