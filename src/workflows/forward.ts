// A person may speak to the project alone: what is meant for one of its milestones is passed on to it.
import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Forward } from './desk';
import { decisionSignals } from './messages';
import type { Run } from './run';

export function forwardTo(milestones: Run['milestones']): Forward {
  return (kind, input) => {
    const { subject, milestone: named } = (typeof input === 'object' && input !== null ? input : {}) as Record<
      string,
      unknown
    >;
    const running = [...milestones.values()].filter(({ state }) => state === 'running');
    const pass = (workflowId: string, decision: unknown) => {
      const milestone = getExternalWorkflowHandle(workflowId);
      // A milestone that has just ended cannot be told any more, and nothing is lost by it.
      milestone.signal(decisionSignals[kind], decision as never).catch(() => undefined);
      return { passedTo: workflowId };
    };
    switch (kind) {
      case 'approve':
      case 'requestChanges': {
        const waiting = running.find(
          ({ waitingFor }) => waitingFor?.subject !== undefined && waitingFor.subject === subject,
        );
        return waiting === undefined ? undefined : pass(waiting.workflowId, input);
      }
      case 'guide':
      case 'skip':
      case 'abandon': {
        if (typeof named !== 'string') return undefined;
        const meant = running.find(({ id }) => id === named);
        return meant === undefined
          ? { refused: `there is no running milestone "${named.slice(0, 60)}"` }
          : pass(meant.workflowId, input);
      }
      case 'pause':
      case 'resume':
        running.forEach(({ workflowId }) => pass(workflowId, input));
        return undefined; // and for the project itself
      case 'budget':
        return undefined;
    }
  };
}
