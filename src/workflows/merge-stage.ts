// The merge: the gate decides. Where the base has moved, the tests must hold on what the merge would make, and the gate is asked again.
import { finalCheck } from '../domain/definition';
import { authorship, collectEvidence, demandFor } from '../domain/evidence';
import type { Evidence } from '../domain/gate';
import { noHandoff, stopped, summarize, type Handoff } from '../domain/handoff';
import { queues } from '../domain/queues';
import type { Merged } from '../domain/tasks';
import { CancellationScope } from '@temporalio/workflow';
import { isTestFile } from '../domain/paths';
import { gate } from './activities';
import { askAgain } from './asking';
import { runTests } from './check-stage';
import { patiently } from './patience';
import type { Run } from './run';

const BASE_MOVES_LIMIT = 3;

export async function merge(run: Run, name: string, iteration: number): Promise<Handoff> {
  const { pipeline, definition, branch } = run.subject;
  const candidate = run.candidate!;
  let evidence = collectEvidence(pipeline, definition, run.state);

  for (let moves = 0; ; moves++) {
    const merged = await askGate(run, name, iteration, evidence);
    switch (merged.outcome) {
      case 'merged': {
        const summary = `merged into ${branch} as ${merged.commit.slice(0, 10)}`;
        return { ...noHandoff, summary, facts: { commit: merged.commit, candidate } };
      }
      case 'refused':
        return stopped('blocked', 'gate', `the gate refuses: ${merged.reasons.join('; ')}`);
      case 'unapproved': {
        const asked = await askAgain(run, { name, iteration, times: moves }, merged);
        if (asked.status !== 'ok') return asked;
        evidence = { ...evidence, approval: asked.facts };
        break;
      }
      case 'conflict':
        run.base = merged.head;
        return stopped('rework', conflictCause(merged.paths), `conflicts with ${branch} in ${merged.paths.join(', ')}`);
      case 'moved': {
        if (moves === BASE_MOVES_LIMIT)
          return stopped('blocked', 'base-keeps-moving', `${branch} moves each time that its tests have run`);
        // The candidate and its approval stand; only what the merge would make is new.
        const tested = await testOn(run, name, iteration, merged.head);
        if (tested.status !== 'ok') {
          run.base = merged.head;
          return { ...tested, summary: summarize(`green alone, not on ${branch} as it is now: ${tested.summary}`) };
        }
        evidence = { ...evidence, verify: tested.facts };
        break;
      }
    }
  }
}

/** Who can resolve it: the tester where only tests are in conflict. */
const conflictCause = (paths: readonly string[]) => (paths.every(isTestFile) ? 'conflict-tests' : 'conflict');

function askGate(run: Run, name: string, iteration: number, evidence: Evidence): Promise<Merged> {
  const { pipeline, definition, branch, title, approvers } = run.subject;
  const demand = demandFor(run.candidate!, pipeline, definition, approvers);
  const madeBy = authorship(pipeline, definition, run.state);
  const task = { ...run.task(name, iteration), branch, title, demand, evidence, madeBy };
  const summary = `${name}: ${demand.candidate.slice(0, 10)} into ${branch}`;
  // From here on it happens or it does not: whoever ends the run meanwhile hears which.
  run.desk.merging = true;
  return CancellationScope.nonCancellable(() =>
    patiently(run, name, queues.gate, (waits) => gate.mergeCandidate.executeWithOptions({ summary, ...waits }, [task])),
  ).finally(() => (run.desk.merging = false));
}

function testOn(run: Run, name: string, iteration: number, head: string): Promise<Handoff> {
  const { pipeline, definition } = run.subject;
  const check = finalCheck(pipeline, definition.agents)!;
  const part = `on-${head.slice(0, 10)}`;
  return runTests(run, name, pipeline.stages[check]!, { iteration, part, base: head, candidate: run.candidate! });
}
