// A stage done by an agent: one call, or one for each part side by side, joined into one piece of work.
import { agentQueue } from '../domain/agent';
import { isJoined } from '../domain/artifacts/join';
import { agentOf, modelAt, writesTree } from '../domain/definition';
import type { Facts, Handoff } from '../domain/handoff';
import { partsIn, type Part } from '../domain/parts';
import { stageKind, upstream, type Stage } from '../domain/pipeline';
import type { AgentTask } from '../domain/tasks';
import { addUsage } from '../domain/usage';
import { agents, ledger } from './activities';
import { patiently } from './patience';
import { paidFor } from './purse';
import type { Run } from './run';

export async function callAgents(run: Run, name: string, stage: Stage, iteration: number): Promise<Handoff> {
  const { definition } = run.subject;
  const kind = agentOf(definition.agents, stage)!.writes;
  const parts = partsOf(run, name, stage);
  if (parts.length < 2 || !isJoined(kind)) return callAgent(run, name, stage, iteration);

  const handoffs = await Promise.all(parts.map((part) => callAgent(run, name, stage, iteration, part)));
  const usage = addUsage(...handoffs.map((handoff) => handoff.usage));
  const stuck = handoffs.find(({ status }) => status === 'blocked');
  if (stuck !== undefined) return { ...stuck, usage };
  const joined = await ledger.joinParts({
    ...run.task(name, iteration),
    base: run.base,
    kind,
    parts: handoffs.map(({ artifact, facts }, at) => ({
      ...{ name: parts[at]!.name, artifact: artifact! },
      ...workIn(facts),
    })),
  });
  return { ...joined, facts: { ...handoffs[0]!.facts, ...joined.facts }, usage };
}

/** Work that comes back is one piece by now, and one agent corrects it; an opinion is formed anew. */
function partsOf(run: Run, name: string, stage: Stage): Part[] {
  const again = writesTree(run.subject.definition.agents, stage) && run.state.stages[name]!.work !== undefined;
  return stage.fanOut === undefined || again ? [] : partsIn(run.fact(stage.fanOut));
}

function callAgent(run: Run, name: string, stage: Stage, iteration: number, part?: Part): Promise<Handoff> {
  const { definition, milestone, pipeline } = run.subject;
  const agent = agentOf(definition.agents, stage)!;
  const model = modelAt(definition, agent, iteration);
  const { work, feedback } = run.state.stages[name]!;
  const task: AgentTask = {
    ...run.task(name, iteration, part?.name),
    agentName: stage.agent!,
    agent,
    model,
    definition: definition.commit,
    ...(milestone !== undefined && { milestone }),
    reads: run.artifactsFrom(agent.reads),
    feedback,
    ...(work?.artifact !== undefined && { previous: { artifact: work.artifact, ...workIn(work.facts) } }),
    base: run.base,
    ...(run.candidate !== undefined && afterCheck(run, name) && { candidate: run.candidate }),
    ...(pipeline.retry !== undefined && { retry: pipeline.retry }),
    ...(stage.focus !== undefined && { focus: stage.focus }),
    ...(stage.into !== undefined && { into: stage.into }),
    ...(part !== undefined && { part }),
  };
  const taskQueue = agentQueue(model);
  const summary = `${name}${part === undefined ? '' : ` (${part.name})`}, round ${iteration}: ${stage.agent} on ${model.alias}`;
  const call = () =>
    patiently(run, name, taskQueue, (waits) =>
      agents.callAgent.executeWithOptions({ taskQueue, summary, ...waits }, [task]),
    );
  return paidFor(run, name, model, call);
}

const workIn = ({ work }: Facts): { work?: string } => (typeof work === 'string' ? { work } : {});

/** Before the check there is no candidate, or only the one that rework has voided. */
function afterCheck(run: Run, name: string): boolean {
  const { pipeline } = run.subject;
  return [...upstream(pipeline, name)].some((before) => stageKind(pipeline.stages[before]!) === 'check');
}
