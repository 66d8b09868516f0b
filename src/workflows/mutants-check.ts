// The check of mutants: what the tests of the candidate do not notice goes back to whoever wrote them.
import type { Handoff } from '../domain/handoff';
import { BUDGET_SECONDS, THRESHOLD } from '../domain/mutants';
import type { Stage } from '../domain/pipeline';
import { queues } from '../domain/queues';
import { ledger, sandbox } from './activities';
import { patiently } from './patience';
import { admittedIn, type Run } from './run';

type At = { iteration: number; base: string; candidate: string };

export async function tryMutants(run: Run, name: string, stage: Stage, at: At): Promise<Handoff> {
  const { iteration, base, candidate } = at;
  const { threshold = THRESHOLD, seconds = BUDGET_SECONDS } = stage;
  const record = run.task(name, iteration);
  const summary = `${name}, round ${iteration}: small faults in ${candidate.slice(0, 10)}, against its tests`;
  const task = { repository: record.repository, base, candidate, threshold, seconds, ...admittedIn(run) };
  const tried = await patiently(run, name, queues.sandbox, (waits) =>
    sandbox.tryMutants.executeWithOptions({ summary, ...waits }, [task]),
  );
  return ledger.recordMutants({ ...record, tried });
}
