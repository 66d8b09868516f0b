// What a candidate would have installed anew is locked, and waits for a person, who sees name, version and age, before anything of it is fetched.
import { stopped, summarize, type Handoff } from '../domain/handoff';
import { isDependency } from '../domain/new-dependencies';
import { queues } from '../domain/queues';
import { ledger, sandbox } from './activities';
import { ask } from './asking';
import { patiently } from './patience';
import type { Run } from './run';

const ASKED_LIMIT = 500;

/** The candidate, with a lockfile that fits it, once a person has let all of it in; else what has become of it. */
export async function letIn(run: Run, name: string, iteration: number, assembled: string | Handoff) {
  if (typeof assembled !== 'string') return assembled;
  const stop = (await unlessLocked(run, name, iteration)) ?? (await unlessAdmitted(run, name, iteration));
  return stop ?? run.assembled!.candidate;
}

/** An agent cannot know the hashes of what it asks for. */
async function unlessLocked(run: Run, name: string, iteration: number): Promise<Handoff | undefined> {
  const { of, candidate, unlocked, protectedPaths } = run.assembled!;
  if (!unlocked) return undefined;
  const task = run.task(name, iteration);
  const summary = `${name}, round ${iteration}: a lockfile for what ${candidate.slice(0, 10)} depends on`;
  const locked = await patiently(run, name, queues.sandbox, (waits) =>
    sandbox.lockDependencies.executeWithOptions({ summary, ...waits }, [{ repository: task.repository, candidate }]),
  );
  if (locked.objections !== undefined)
    return stopped(
      'rework',
      'not-locked',
      summarize(`npm cannot lock what it asks for: ${locked.objections.join('; ')}`),
    );
  const { lock } = locked;
  const made =
    lock && (await ledger.lockCandidate({ ...task, base: run.base, title: run.subject.title, candidate, lock }));
  run.assembled = { of, ...(made ?? { candidate, protectedPaths }) };
  return undefined;
}

async function unlessAdmitted(run: Run, name: string, iteration: number): Promise<Handoff | undefined> {
  const { candidate, protectedPaths = [] } = run.assembled!;
  const fresh = protectedPaths.filter((one) => isDependency(one) && !run.admitted.includes(one));
  if (fresh.length === 0) return undefined;
  if (fresh.length > ASKED_LIMIT)
    return stopped(
      'rework',
      'too-many-packages',
      `it brings ${fresh.length} new packages; a person would see to no more than ${ASKED_LIMIT}`,
    );
  const summary = `${name}, round ${iteration}: what is known of ${fresh.length} new dependencies`;
  const looked = await patiently(run, name, queues.sandbox, (waits) =>
    sandbox.lookAtDependencies.executeWithOptions({ summary, ...waits }, [{ named: fresh }]),
  );
  const missing = looked.filter(({ known }) => known === 'missing').map(({ says }) => says);
  if (missing.length > 0)
    return stopped(
      'rework',
      'no-such-package',
      summarize(`there is no such package, do without it: ${missing.join('; ')}`),
    );
  for (const { named, says } of looked) run.known[named] = says;
  const detail = `the candidate ${candidate.slice(0, 10)} would have installed what is new`;
  const task = run.task(name, iteration, 'dependencies');
  const asked = await ask(
    run,
    { subject: candidate, protectedPaths: fresh },
    { stage: name, task, for: 'approval', detail, rests: true },
  );
  if (asked.status !== 'ok') return asked;
  run.admitted = [...run.admitted, ...fresh];
  return undefined;
}
