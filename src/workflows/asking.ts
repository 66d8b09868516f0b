// Asks a person about exactly one candidate, or one plan: shows what waits and what its approval must name, and writes the answer down.
import type { Approvable } from '../domain/decision';
import { isDependency } from '../domain/new-dependencies';
import { stopped, summarize, type Handoff } from '../domain/handoff';
import type { Waiting } from '../domain/status';
import type { Common } from '../domain/tasks';
import { ledger } from './activities';
import { openPullRequest } from './proposal';
import { now, type Run } from './run';

const ASKED_LIMIT = 20;

type Question = Pick<Waiting, 'for' | 'detail'> & {
  stage: string;
  task: Common;
  pullRequest?: boolean;
  /** It is asked anew, with nothing lost, where the history ends. */
  rests?: boolean;
};

export async function ask(run: Run, asked: Approvable, question: Question): Promise<Handoff> {
  const { stage, task, for: reason, detail, pullRequest, rests } = question;
  const { subject, protectedPaths: paths = [] } = asked;
  const shown = paths.length === 0 ? detail : summarize([detail, ...wordsOn(paths)].join('; '));
  const known = Object.fromEntries(paths.flatMap((path) => (run.known[path] ? [[path, run.known[path]]] : [])));
  const needed = paths.length > 0 && { paths, ...(Object.keys(known).length > 0 && { known }) };
  const waits = (more = '') => run.waits(stage, { for: reason, detail: `${shown}${more}`, subject, ...needed });
  waits();
  const proposal = pullRequest ? openPullRequest(run, (words) => waits(`, ${words}`)) : undefined;
  const resting = (verdict: () => Promise<void>) => run.rests(stage, verdict);
  const { kind, at, ...said } = await run.desk.verdictOn(asked, rests ? resting : undefined);
  proposal?.cancel();
  run.waitsNoMore(stage);
  const decision = kind === 'approve' ? ('approved' as const) : ('changes-requested' as const);
  return ledger.recordDecision({ ...task, subject, at: now(), decision, ...said, decidedAt: at });
}

function wordsOn(named: readonly string[]): string[] {
  const [fresh, paths] = [named.filter(isDependency), named.filter((one) => !isDependency(one))];
  return [
    ...(paths.length > 0 ? [`it changes protected paths: ${paths.join(', ')}`] : []),
    ...(fresh.length > 0 ? [`it brings new dependencies: ${fresh.join(', ')}`] : []),
  ];
}

/** What the gate did not take for an approval of this candidate is asked for anew: tests and reviews stand. */
export function askAgain(
  run: Run,
  { name, iteration, times }: { name: string; iteration: number; times: number },
  { reasons, protectedPaths }: { reasons: readonly string[]; protectedPaths: readonly string[] },
): Promise<Handoff> {
  const subject = run.candidate!;
  if (times >= ASKED_LIMIT)
    return Promise.resolve(stopped('blocked', 'gate', `the gate refuses: ${reasons.join('; ')}`));
  const detail = summarize(`the candidate ${subject.slice(0, 10)} once more: ${reasons.join('; ')}`);
  const task = run.task(name, iteration, `approval-${times}`);
  return ask(run, { subject, protectedPaths }, { stage: name, task, for: 'approval', detail });
}
