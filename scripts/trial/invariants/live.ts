// I4, live: a run has ended with all of it delivered, unless somebody called it off, or it waits for something that has a name. What
// stands still without a word is stuck; and so is, sooner or later, what hands Temporal more than it takes: an answer that is too large
// for it is made and refused again and again.
import type { Evidence } from '../evidence';
import { largestPayload, type Exported, type Run } from '../history';
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
    ...(trial.faults.some(({ what }) => CALLED_OFF.includes(what)) ? [] : runs.flatMap(undelivered)),
    ...runs.flatMap(({ exported }) => overweight(exported)),
  ];
}

/** By a person, at Temporal's own command line. */
const CALLED_OFF = ['cancel', 'terminate'];
// A run that was reset goes on in a further one, and so does one whose history grew too long.
const GOES_ON = ['terminated', 'continued as new'];

/** A fault is no reason to give up: there is somebody who answers every question. */
function undelivered({ workflowId, closing }: Run): Words {
  if (closing === undefined || GOES_ON.includes(closing.how)) return [];
  const { outcome, reason } = (closing.result ?? {}) as { outcome?: string; reason?: string };
  if (outcome === 'merged' || outcome === 'complete') return [];
  return [
    `${workflowId} is ${outcome ?? closing.how} (${reason ?? closing.failure?.message ?? 'no reason'}), and nobody called it off`,
  ];
}

// Temporal takes 2 MiB, and no answer of ours comes near it.
const PAYLOAD_LIMIT_BYTES = 256_000;

/** What is signalled to a run is its sender's: where that is another run of ours, it stands in that one's history too. */
export function overweight({ workflowId, events }: Exported): Words {
  return events.flatMap((event) => {
    const bytes = largestPayload(event);
    return bytes <= PAYLOAD_LIMIT_BYTES || event.eventType.endsWith('_EXECUTION_SIGNALED')
      ? []
      : [
          `${workflowId} has a payload of ${bytes} bytes in its event ${event.eventId}: ${PAYLOAD_LIMIT_BYTES} are allowed`,
        ];
  });
}
