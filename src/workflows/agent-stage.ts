// A stage done by an agent: one call, or one for each part side by side, joined into one piece of work.
import { agentQueue } from '../domain/agent';
import { modelAt } from '../domain/definition';
import type { ArtifactRef, Fact, Facts, Handoff } from '../domain/handoff';
import { stageKind, upstream, type Stage } from '../domain/pipeline';
import type { AgentTask } from '../domain/tasks';
import { addUsage } from '../domain/usage';
import { agents, ledger } from './activities';
import { patiently } from './patience';
import type { Run } from './run';

export async function callAgents(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const parts =
    stage.fanOut === undefined || run.state.stages[name]!.work !== undefined ? [] : partsIn(run.fact(stage.fanOut));
  if (parts.length < 2) return callAgent(run, name, stage, iteration);

  const handoffs = await Promise.all(parts.map((part) => callAgent(run, name, stage, iteration, part)));
  const usage = addUsage(...handoffs.map((handoff) => handoff.usage));
  const stuck = handoffs.find(({ status }) => status !== 'ok');
  if (stuck !== undefined) return { ...stuck, usage };
  const joined = await ledger.joinParts({
    ...run.task(name, iteration),
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
  const { work, feedback } = run.state.stages[name]!;
  const task: AgentTask = {
    ...run.task(name, iteration, part),
    agentName: stage.agent!,
    agent,
    model,
    definition: definition.commit,
    ...(milestone !== undefined && { milestone }),
    reads: readsOf(run, agent.reads),
    feedback,
    ...(work?.artifact !== undefined && { previous: { artifact: work.artifact, ...workIn(work.facts) } }),
    base: run.base,
    ...(run.candidate !== undefined && afterCheck(run, name) && { candidate: run.candidate }),
    ...(part !== undefined && { part }),
  };
  const taskQueue = agentQueue(model);
  const summary = `${name}${part === undefined ? '' : ` (${part})`}, round ${iteration}: ${stage.agent} on ${model.alias}`;
  return patiently(run, name, taskQueue, (waits) =>
    agents.callAgent.executeWithOptions({ taskQueue, summary, ...waits }, [task]),
  );
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

/** Before the check there is no candidate, or only the one that rework has voided. */
function afterCheck(run: Run, name: string): boolean {
  const { pipeline } = run.subject;
  return [...upstream(pipeline, name)].some((before) => stageKind(pipeline.stages[before]!) === 'check');
}
