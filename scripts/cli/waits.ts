// What of a run waits for a person, and which of it a decision is meant for.
import type { Status, Waiting, WaitReason } from '../../src/domain/status';

/** One thing that waits: the run whose workflow hears the decision, and the status that says so. */
export type Wait = { run: Status; waiting: Waiting };

/** For milestones that say themselves what they wait for. */
const BY_ITSELF: ReadonlySet<WaitReason> = new Set(['milestones', 'backlog']);

export function waitsOf(project: Status, milestones: readonly Status[]): Wait[] {
  return [project, ...milestones].flatMap((run) =>
    run.waitingFor === undefined || BY_ITSELF.has(run.waitingFor.for) ? [] : [{ run, waiting: run.waitingFor }],
  );
}

/** Plans and candidates that wait for a word on this very subject. */
export const approvalsIn = (waits: readonly Wait[]): (Wait & { subject: string })[] =>
  waits.flatMap(({ run, waiting }) =>
    waiting.subject === undefined ? [] : [{ run, waiting, subject: waiting.subject }],
  );

export const escalationsIn = (waits: readonly Wait[]): Wait[] =>
  waits.filter(({ waiting }) => waiting.for === 'guidance');

export type Picked<W> = { picked: W } | { none: string } | { several: readonly W[] };

/** The one that is meant: all there is, or the one whose subject begins so. */
export function pickApproval<W extends { subject: string }>(approvals: readonly W[], named?: string): Picked<W> {
  const found = named === undefined ? approvals : approvals.filter(({ subject }) => subject.startsWith(named));
  const [only] = found;
  if (found.length > 1) return { several: found };
  if (only !== undefined) return { picked: only };
  if (approvals.length === 0) return { none: 'nothing waits for an approval now' };
  return {
    none: `${named} is not what waits for an approval; that is ${approvals.map(({ subject }) => subject).join(', ')}`,
  };
}

/** The next commands for the person who reads this. */
export function nextSteps(waits: readonly Wait[]): string[] {
  return waits.map(({ run, waiting }) => stepFor(run, waiting)).filter((step) => step !== '');
}

function stepFor({ id, budget }: Status, { for: reason }: Waiting): string {
  switch (reason) {
    case 'approval':
    case 'plan':
      return `npm run approve -- ${id} --by <your name>  (or request-changes)`;
    case 'guidance':
      return `npm run guide -- ${id} --by <your name> --note "…"  (or skip)`;
    case 'resume':
      return `npm run resume -- ${id} --by <your name>`;
    case 'budget': // of a milestone it is its project's, which says the same
      return budget === undefined ? '' : `npm run budget -- ${id} --usd <sum> --by <your name>`;
    case 'credentials':
    case 'sandbox':
    case 'repository':
      return `cure what it says, then: npm run resume -- ${id} --by <your name>`;
    case 'milestones':
    case 'backlog':
      return '';
    default:
      return reason.startsWith('queue:') ? '' : 'npm run worker';
  }
}
