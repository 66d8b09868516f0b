// What a person may say to a run, and whether it counts.
import { z } from 'zod';
import { namingObjection } from './protected-paths';
import { Undecodable } from './undecodable';

const Note = z.string().max(4_000);
export const Usd = z.number().positive().max(1_000_000);
const By = z.string().trim().min(1).max(100);
const Subject = z
  .string()
  .regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/, 'expected the full commit of a candidate, or the full digest of a plan');

const PATHS_LIMIT = 1_000;
const PATH_LIMIT_CHARS = 300;
const Paths = z.array(z.string().min(1).max(PATH_LIMIT_CHARS)).max(PATHS_LIMIT);

export const decisions = {
  approve: z.strictObject({ subject: Subject, by: By, note: Note.optional(), paths: Paths.optional() }),
  requestChanges: z.strictObject({ subject: Subject, by: By, note: Note.min(1) }),
  guide: z.strictObject({ by: By, note: Note.min(1), milestone: z.string().optional() }),
  skip: z.strictObject({ by: By, note: Note.optional(), milestone: z.string().optional() }),
  abandon: z.strictObject({ by: By, note: Note.optional(), milestone: z.string().optional() }),
  pause: z.strictObject({ by: By, note: Note.optional() }),
  resume: z.strictObject({ by: By, note: Note.optional() }),
  budget: z.strictObject({ usd: Usd, by: By, note: Note.optional() }),
};

export type DecisionKind = keyof typeof decisions;
export type Decision<K extends DecisionKind = DecisionKind> = z.infer<(typeof decisions)[K]>;
export const decisionKinds = Object.keys(decisions) as DecisionKind[];

/** One line of the record: what was said, and what became of it. */
export type DecisionRecord = {
  at: string;
  kind: DecisionKind;
  by: string;
  subject?: string;
  note?: string;
  accepted: boolean;
  /** Why not, or what it changed. */
  reason: string;
};

/** What a run is waiting to hear. */
export type Awaited = { approval?: Approvable; escalated: boolean; paused: boolean; budgeted?: boolean };

/** A candidate or a plan, and the protected paths that its approval must name where they are known. */
export type Approvable = { subject: string; protectedPaths?: readonly string[] };

export type Admission<K extends DecisionKind> =
  { accepted: true; decision: Decision<K> } | { accepted: false; reason: string; by: string };

/** Nobody named: whoever may signal. */
export const mayDecide = (approvers: readonly string[], by: string): boolean =>
  approvers.length === 0 || approvers.includes(by);

export function admit<K extends DecisionKind>(
  kind: K,
  input: unknown,
  approvers: readonly string[],
  awaited: Awaited,
): Admission<K> {
  const parsed = decisions[kind].safeParse(input);
  const claimed = z.object({ by: By }).safeParse(input);
  const by = claimed.success ? claimed.data.by : 'unknown';
  const refuse = (reason: string): Admission<K> => ({ accepted: false, reason, by });
  if (input instanceof Undecodable) return refuse(`malformed: it cannot be decoded: ${input.why}`);
  if (!parsed.success) return refuse(`malformed: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ').slice(0, 300)}`);
  if (!mayDecide(approvers, by)) return refuse(`${by} is not one of those who may decide: ${approvers.join(', ')}`);
  const objection = untimely(kind, parsed.data, awaited);
  return objection === undefined ? { accepted: true, decision: parsed.data as Decision<K> } : refuse(objection);
}

function untimely(
  kind: DecisionKind,
  decision: Decision,
  { approval, escalated, paused, budgeted }: Awaited,
): string | undefined {
  switch (kind) {
    case 'approve':
    case 'requestChanges': {
      const { subject, paths = [] } = decision as Decision<'approve'>;
      if (approval === undefined)
        return `nothing waits for an approval now, so ${subject.slice(0, 10)} was not decided`;
      if (approval.subject !== subject)
        return `it names ${subject.slice(0, 10)}, and what waits is ${approval.subject.slice(0, 10)}`;
      const known = kind === 'approve' ? approval.protectedPaths : undefined;
      return known && namingObjection(known, paths);
    }
    case 'guide':
    case 'skip':
      return escalated ? undefined : 'nothing has been escalated, so there is nothing to decide';
    case 'pause':
      return paused ? 'it is paused already' : undefined;
    case 'budget':
      return budgeted
        ? undefined
        : 'it was not started with a budget; the budget of a milestone is that of its project';
    case 'resume':
      return undefined;
    case 'abandon':
      return undefined;
  }
}
