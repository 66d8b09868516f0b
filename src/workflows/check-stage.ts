// A check: the candidate is made from the base, the change and the tests, and the sandbox says what its tests show.
import { worksBefore } from '../domain/evidence';
import { noHandoff, stopped, type Handoff } from '../domain/handoff';
import type { Stage } from '../domain/pipeline';
import { queues } from '../domain/queues';
import { ledger, sandbox } from './activities';
import { tryMutants } from './mutants-check';
import { letIn } from './new-dependencies';
import { patiently } from './patience';
import { admittedIn, demandedOf, type Run } from './run';

export async function check(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const candidate = await letIn(run, name, iteration, await assemble(run, name, iteration));
  if (typeof candidate !== 'string') return candidate;
  if (stage.check === 'tests') return runTests(run, name, stage, { iteration, base: run.base, candidate });
  if (stage.check === 'mutants') return tryMutants(run, name, stage, { iteration, base: run.base, candidate });
  return { ...noHandoff, summary: `candidate ${candidate.slice(0, 10)}`, facts: { candidate, base: run.base } };
}

/** The same works on the same base are the same candidate: what was said of it holds. */
async function assemble(run: Run, name: string, iteration: number): Promise<string | Handoff> {
  const { base } = run;
  const works = worksBefore(run.subject.pipeline, run.state, name);
  const of = JSON.stringify([base, works]);
  if (run.assembled?.of === of) return run.assembled.candidate;
  const { title } = run.subject;
  const assembled = await ledger.assembleCandidate({ ...run.task(name, iteration), base, title, works });
  if (assembled.outcome === 'conflict') {
    const why = `${assembled.stage} does not fit onto the base as it is now: ${assembled.paths.join(', ')}`;
    return stopped('rework', `conflict-${assembled.stage}`, why);
  }
  run.assembled = { ...assembled, of };
  return assembled.candidate;
}

export async function runTests(
  run: Run,
  name: string,
  stage: Stage,
  at: { iteration: number; part?: string; base: string; candidate: string },
): Promise<Handoff> {
  const { base, candidate } = at;
  const summary = `${name}, round ${at.iteration}: tests of ${candidate.slice(0, 10)} on ${base.slice(0, 10)}`;
  const given = { base, candidate, ...demandedOf(stage, run.subject), ...admittedIn(run) };
  const record = { ...run.task(name, at.iteration, at.part), given };
  const left = run.subject.session && (await ledger.recorded(record));
  if (left) return left;
  const task = { repository: record.repository, ...given };
  const tested = await patiently(run, name, queues.sandbox, (waits) =>
    sandbox.runTests.executeWithOptions({ summary, ...waits }, [task]),
  );
  return ledger.recordTests({ ...record, tested, ...run.tasks() });
}
