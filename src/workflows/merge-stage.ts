// The merge: the gate decides. Where the base has moved, the tests must hold on what the merge would make, and the gate is asked again.
import { collectEvidence, demandFor } from '../domain/evidence';
import type { Evidence } from '../domain/gate';
import { noHandoff, stopped, type Handoff } from '../domain/handoff';
import { stageNames } from '../domain/pipeline';
import { queues } from '../domain/queues';
import type { Merged } from '../domain/tasks';
import { gate } from './activities';
import { runTests } from './check-stage';
import { patiently } from './patience';
import type { Run } from './run';

const BASE_MOVES_LIMIT = 3;

export async function merge(run: Run, name: string, iteration: number): Promise<Handoff> {
  const { pipeline, definition, branch } = run.subject;
  const candidate = run.candidate!;
  let evidence = collectEvidence(pipeline, definition, run.state);

  for (let round = 1; round <= BASE_MOVES_LIMIT; round++) {
    const merged = await askGate(run, name, iteration, evidence);
    switch (merged.outcome) {
      case 'merged': {
        const summary = `merged into ${branch} as ${merged.commit.slice(0, 10)}`;
        return { ...noHandoff, summary, facts: { commit: merged.commit, candidate } };
      }
      case 'refused':
        return stopped('blocked', 'gate', `the gate refuses: ${merged.reasons.join('; ')}`);
      case 'conflict':
        run.base = merged.head;
        return stopped('rework', 'conflict', `conflicts with ${branch} in ${merged.paths.join(', ')}`);
      case 'moved': {
        // The candidate and its approval stand; only what the merge would make is new.
        const tested = await testOn(run, name, iteration, merged.head);
        if (tested.status !== 'ok') {
          run.base = merged.head;
          return { ...tested, status: 'rework', note: `It is green alone, and not on ${branch} as it is now.` };
        }
        evidence = { ...evidence, verify: tested.facts };
      }
    }
  }
  return stopped('blocked', 'base-keeps-moving', `${branch} moved ${BASE_MOVES_LIMIT} times while its tests ran`);
}

function askGate(run: Run, name: string, iteration: number, evidence: Evidence): Promise<Merged> {
  const { pipeline, definition, branch, title, approvers } = run.subject;
  const demand = demandFor(run.candidate!, pipeline, definition, approvers);
  const task = { ...run.task(name, iteration), branch, title, demand, evidence };
  const summary = `${name}: ${demand.candidate.slice(0, 10)} into ${branch}`;
  return patiently(run, name, queues.gate, () => gate.mergeCandidate.executeWithOptions({ summary }, [task]));
}

function testOn(run: Run, name: string, iteration: number, head: string): Promise<Handoff> {
  const { stages } = run.subject.pipeline;
  const check = stageNames(run.subject.pipeline).find((stage) => stages[stage]!.check !== undefined)!;
  const part = `on-${head.slice(0, 10)}`;
  return runTests(run, name, stages[check]!, { iteration, part, base: head, candidate: run.candidate! });
}
