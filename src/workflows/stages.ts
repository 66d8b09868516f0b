// How each kind of stage is done: an agent's call, a check, an approval, the merge, or further pipelines.
import { agentQueue } from '../domain/agent';
import { demandsOf, modelAt } from '../domain/definition';
import { collectEvidence } from '../domain/evidence';
import { summarize, type ArtifactRef, type Fact, type Facts, type Handoff } from '../domain/handoff';
import { queues } from '../domain/queues';
import { stageKind, stageNames, upstream, type Stage } from '../domain/pipeline';
import type { AgentTask } from '../domain/tasks';
import { addUsage, noUsage } from '../domain/usage';
import { agents, gate, ledger, sandbox } from './activities';
import { deliverMilestones } from './milestones';
import { patiently } from './patience';
import { now, type Run } from './run';

const BASE_MOVES_LIMIT = 3;

export function perform(run: Run, name: string, iteration: number): Promise<Handoff> {
  const stage = run.subject.pipeline.stages[name]!;
  switch (stageKind(stage)) {
    case 'agent':
      return callAgents(run, name, stage, iteration);
    case 'check':
      return check(run, name, stage, iteration);
    case 'approval':
      return awaitApproval(run, name, stage, iteration);
    case 'merge':
      return merge(run, name, iteration);
    case 'pipeline':
      return deliverMilestones(run, name, stage);
  }
}

export function confidenceDemanded(run: Run, name: string): number {
  const { agent } = run.subject.pipeline.stages[name]!;
  return agent === undefined ? 0 : run.subject.definition.agents[agent]!.confidence;
}

// ── agents ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function callAgents(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const parts = stage.fanOut === undefined || iteration > 1 ? [] : partsIn(factAt(run, stage.fanOut));
  if (parts.length < 2) return callAgent(run, name, stage, iteration);

  const handoffs = await Promise.all(parts.map((part) => callAgent(run, name, stage, iteration, part)));
  const usage = addUsage(...handoffs.map((handoff) => handoff.usage));
  const stuck = handoffs.find(({ status }) => status !== 'ok');
  if (stuck !== undefined) return { ...stuck, usage };
  const joined = await ledger.joinParts({
    ...common(run, name, iteration),
    base: run.base,
    parts: handoffs.map((handoff, at) => ({
      name: parts[at]!,
      artifact: handoff.artifact!,
      work: handoff.facts.work as string,
    })),
  });
  const confidence = Math.min(...handoffs.map((handoff) => handoff.confidence));
  return { ...joined, confidence, facts: { ...handoffs[0]!.facts, ...joined.facts }, usage };
}

function callAgent(run: Run, name: string, stage: Stage, iteration: number, part?: string): Promise<Handoff> {
  const { definition, milestone } = run.subject;
  const agent = definition.agents[stage.agent!]!;
  const model = modelAt(definition, agent, iteration);
  const { previous, feedback } = run.state.stages[name]!;
  const task: AgentTask = {
    ...common(run, name, iteration, part),
    agentName: stage.agent!,
    agent,
    model,
    definition: definition.commit,
    ...(milestone !== undefined && { milestone }),
    reads: readsOf(run, agent.reads),
    feedback,
    ...(previous?.artifact !== undefined && { previous: { artifact: previous.artifact, ...workIn(previous.facts) } }),
    base: run.base,
    ...(run.candidate !== undefined && afterCheck(run, name) && { candidate: run.candidate }),
    ...(part !== undefined && { part }),
  };
  const taskQueue = agentQueue(model);
  const summary = `${name}${part === undefined ? '' : ` (${part})`}, round ${iteration}: ${stage.agent} on ${model.alias}`;
  return patiently(run, name, taskQueue, () => agents.callAgent.executeWithOptions({ taskQueue, summary }, [task]));
}

function readsOf(run: Run, reads: readonly string[]): { stage: string; artifact: ArtifactRef }[] {
  return reads.flatMap((stage) => {
    const artifact = run.state.stages[stage]?.handoff?.artifact;
    return artifact === undefined ? [] : [{ stage, artifact }];
  });
}

const workIn = ({ work }: Facts): { work?: string } => (typeof work === 'string' ? { work } : {});

function partsIn(fact: Fact | undefined): string[] {
  const parts = Array.isArray(fact) ? (fact as readonly Fact[]) : [];
  return parts.flatMap((part) =>
    typeof part === 'object' && part !== null && 'name' in part ? [String(part.name)] : [],
  );
}

function factAt(run: Run, path: string): Fact | undefined {
  const [stage, fact] = path.split('.') as [string, string];
  return run.state.stages[stage]?.handoff?.facts[fact];
}

/** Before the check there is no candidate, or only the one that rework has voided. */
function afterCheck(run: Run, name: string): boolean {
  const { pipeline } = run.subject;
  return [...upstream(pipeline, name)].some((before) => stageKind(pipeline.stages[before]!) === 'check');
}

// ── checks ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function check(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const assembled = await ledger.assembleCandidate({
    ...common(run, name, iteration),
    base: run.base,
    title: run.subject.title,
    works: worksBefore(run, name),
  });
  if (assembled.outcome === 'conflict') {
    const summary = `${assembled.stage} does not fit onto the base as it is now: ${assembled.paths.join(', ')}`;
    return { ...noHandoff, status: 'rework', cause: `conflict-${assembled.stage}`, summary: summarize(summary) };
  }
  run.candidate = assembled.candidate;
  return runTests(run, name, stage, { iteration, base: run.base, candidate: assembled.candidate });
}

async function runTests(
  run: Run,
  name: string,
  stage: Stage,
  at: { iteration: number; part?: string; base: string; candidate: string },
): Promise<Handoff> {
  const { base, candidate } = at;
  const { repository } = run.subject;
  const summary = `${name}, round ${at.iteration}: tests of ${candidate.slice(0, 10)} on ${base.slice(0, 10)}`;
  const task = { repository, base, candidate, ...(stage.coverage !== undefined && { coverage: stage.coverage }) };
  const tested = await patiently(run, name, queues.sandbox, () =>
    sandbox.runTests.executeWithOptions({ summary }, [task]),
  );
  return ledger.recordTests({ ...common(run, name, at.iteration, at.part), tested });
}

/** The commits of every stage before this one that wrote something into the tree. */
function worksBefore(run: Run, name: string): { stage: string; work: string }[] {
  return [...upstream(run.subject.pipeline, name)].reverse().flatMap((stage) => {
    const { work } = run.state.stages[stage]!.handoff?.facts ?? {};
    return typeof work === 'string' ? [{ stage, work }] : [];
  });
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function awaitApproval(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const plan = stage.approval === 'plan';
  const subject = plan ? planDigest(run) : run.candidate;
  if (subject === undefined)
    return {
      ...noHandoff,
      status: 'blocked',
      cause: 'nothing-to-approve',
      summary: `there is no ${stage.approval} to approve`,
    };
  const detail = plan
    ? `the plan ${subject.slice(0, 10)}`
    : `the candidate ${subject.slice(0, 10)} of ${run.subject.title}`;
  run.waits(name, { for: plan ? 'plan' : 'approval', detail, subject });
  const verdict = await run.desk.verdictOn(subject);
  run.waitsNoMore(name);

  const { by, note, at } = verdict;
  const approved = verdict.kind === 'approve';
  const facts = { subject, by, at };
  const decision = { subject, verdict: approved ? 'approved' : 'changes-requested', by, note, facts } as const;
  const recorded = await ledger.recordDecision({ ...common(run, name, iteration), ...decision });
  return approved ? recorded : { ...recorded, status: 'rework', cause: 'changes-requested', note };
}

function planDigest(run: Run): string | undefined {
  const plan = Object.values(run.state.stages).find(({ handoff }) => handoff?.artifact?.kind === 'MilestonePlan');
  return plan?.handoff?.facts.digest as string | undefined;
}

// ── the merge ───────────────────────────────────────────────────────────────────────────────────────────────────

async function merge(run: Run, name: string, iteration: number): Promise<Handoff> {
  const { pipeline, definition, branch, title, approvers } = run.subject;
  const candidate = run.candidate!;
  const demands = demandsOf(pipeline, definition.agents);
  const evidence = collectEvidence(pipeline, definition, run.state);
  const demand = {
    candidate,
    approvers,
    reviews: demands.review,
    evaluations: demands.evaluate,
    sameFamilyReview: definition.sameFamilyReview,
  };
  let verified = evidence.verify;

  for (let round = 1; round <= BASE_MOVES_LIMIT; round++) {
    const task = {
      ...common(run, name, iteration),
      branch,
      title,
      demand,
      evidence: { ...evidence, verify: verified },
    };
    const summary = `${name}: ${candidate.slice(0, 10)} into ${branch}`;
    const merged = await patiently(run, name, queues.gate, () =>
      gate.mergeCandidate.executeWithOptions({ summary }, [task]),
    );
    switch (merged.outcome) {
      case 'merged':
        return {
          ...noHandoff,
          summary: `merged into ${branch} as ${merged.commit.slice(0, 10)}`,
          facts: { commit: merged.commit, candidate },
        };
      case 'refused':
        return {
          ...noHandoff,
          status: 'blocked',
          cause: 'gate',
          summary: summarize(`the gate refuses: ${merged.reasons.join('; ')}`),
        };
      case 'conflict':
        run.base = merged.head;
        return {
          ...noHandoff,
          status: 'rework',
          cause: 'conflict',
          summary: summarize(`conflicts with ${branch} in ${merged.paths.join(', ')}`),
        };
      case 'moved': {
        // The candidate and its approval stand; the tests must hold on what the merge would make.
        const checkStage = stageNames(pipeline).find((stage) => pipeline.stages[stage]!.check !== undefined)!;
        const at = { iteration, part: `on-${merged.head.slice(0, 10)}`, base: merged.head, candidate };
        const tested = await runTests(run, name, pipeline.stages[checkStage]!, at);
        if (tested.status !== 'ok') {
          run.base = merged.head;
          return {
            ...tested,
            status: 'rework',
            summary: summarize(`green alone, not on ${branch} as it is now: ${tested.summary}`),
          };
        }
        verified = tested.facts;
      }
    }
  }
  return {
    ...noHandoff,
    status: 'blocked',
    cause: 'base-keeps-moving',
    summary: `${branch} moved ${BASE_MOVES_LIMIT} times while its tests ran`,
  };
}

const noHandoff: Handoff = { status: 'ok', confidence: 1, summary: '', facts: {}, usage: noUsage };

function common(run: Run, stage: string, iteration: number, part?: string) {
  return { key: run.key(stage, iteration, part), repository: run.subject.repository, at: now() };
}
