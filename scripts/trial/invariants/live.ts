// I4, live: a run has ended, or it waits for something that has a name. What stands still without a word is stuck.
import type { Evidence } from '../evidence';
import type { Words } from './words';

const NAMED =
  /^(approval|plan|guidance|credentials|sandbox|repository|resume|milestones|backlog|budget|queue:.+|worker:.+)$/;

export function live({ runs, trial }: Evidence): Words {
  const unheard = trial.started.filter((id) => !runs.some(({ workflowId }) => workflowId === id));
  const last = Math.max(Date.parse(trial.began), ...trial.faults.map(({ at }) => Date.parse(at)));
  const idle = (Date.parse(trial.ended) - last) / 1000;
  return [
    ...unheard.map((id) => `${id} was started, and Temporal has no history of it`),
    ...runs.flatMap(({ workflowId, closing, attributes }) => {
      if (closing !== undefined) return [];
      const waits = attributes.MillwrightWaitingFor;
      if (typeof waits === 'string' && NAMED.test(waits)) return [];
      if (idle < trial.boundSeconds) return [];
      const named = waits === undefined || waits === null ? 'nothing' : `"${String(waits)}"`;
      return [
        `${workflowId} has neither ended nor a reason: ${idle.toFixed(0)} s after the last fault it waits for ${named}`,
      ];
    }),
  ];
}
