// An agent call: read what was declared, ask the model, check its answer, write it all into the ledger, hand over a reference.
import { isMeant, summarize, type Facts, type Handoff } from '../domain/handoff';
import { effectKey, stageFolder } from '../domain/names';
import type { Artifact } from '../domain/artifacts';
import { numbered, type MilestonePlan } from '../domain/artifacts/milestone-plan';
import type { Change } from '../domain/artifacts/change';
import type { DeploymentPlan } from '../domain/artifacts/deployment-plan';
import type { TestSuite } from '../domain/artifacts/test-suite';
import type { AgentTask } from '../domain/tasks';
import { alive, thisAttempt } from './alive';
import { digestOfText } from './digest';
import { briefFor } from './brief';
import { isCalledOff } from './called-off';
import { proposeChange, proposeDeployment, proposeSuite } from './change';
import { converse, isUnanswered, type Check, type Conversation, type Ground } from './conversation';
import type { Dependencies, FileChange, Ledger, Model, Secrets, Trees } from './ports';
import { artifactFiles, handoffFrom, json, leave, storedHandoff } from './entry';
import { transcript } from './transcript';
import { measured } from './work';

export type AgentActivities = ReturnType<typeof createAgentActivities>;

type Deps = {
  trees: Trees;
  ledger: Ledger;
  model: Model;
  secrets: Secrets;
  dependencies: Dependencies;
  plainIds?: boolean;
};

export function createAgentActivities(deps: Deps) {
  const { trees, ledger, dependencies } = deps;

  return {
    /** Called again after its effect, it returns what it left; killed in between, it goes on at the turn where it was. */
    callAgent: (task: AgentTask): Promise<Handoff> =>
      alive(async (signal, awake) => {
        const attempt = thisAttempt();
        const dropTurns = () => ledger.dropTurns(task.repository, task.key, attempt);
        const finished = async () => {
          const done = await doneBefore(task);
          if (done !== undefined) await dropTurns();
          return done;
        };
        // Where all is done, nobody has to be shut out.
        const before = attempt.number === 1 ? undefined : await finished();
        if (before !== undefined) return before;
        const turns = await ledger.takeOver(task.repository, task.key, attempt);
        try {
          // What an earlier attempt has not done by now it does not do any more.
          return (await finished()) ?? (await call(task, { turns, signal, awake }));
        } catch (error) {
          // A run that goes on after this one is asked by the same key, and would have to pay for them again.
          if (task.session === undefined && (await isCalledOff())) await dropTurns();
          throw error;
        }
      }),
  };

  async function call(task: AgentTask, { turns, signal, awake }: Pick<Ground, 'turns' | 'signal' | 'awake'>) {
    const { start, conflicts } = await startOf(task);
    const opening = await briefFor(task, { trees, ledger, start });
    const check = resolving(conflicts, checkFor(task, start));
    const conversation = await converse(deps, task, { opening, turns, start, check, signal, awake });
    return conclude(task, start, deps.plainIds ? withPlainIds(conversation) : conversation);
  }

  async function doneBefore({ repository, key, own }: AgentTask): Promise<Handoff | undefined> {
    for (const each of own === undefined ? [key] : [key, own]) {
      const found = await ledger.find(repository, each);
      if (found !== undefined) return storedHandoff(ledger, repository, found, each);
    }
    return undefined;
  }

  /** Where the agent's own changes go on: its earlier work, brought onto the base as it is now. */
  async function startOf(task: AgentTask): Promise<{ start: string; conflicts: readonly string[] }> {
    const { repository, base, previous, at } = task;
    const work = previous?.work;
    if (work === undefined) return { start: base, conflicts: [] };
    if (await trees.isAncestor(repository, base, work)) return { start: work, conflicts: [] };
    const { tree, conflicts } = await trees.mergeTree(repository, base, work);
    const commit = { repository, parents: [base, work], message: 'Bring the earlier work onto the base\n', at };
    // A test that the base has meanwhile is the base's: the tester takes another name.
    if (task.agent.writes === 'TestSuite' && conflicts.length > 0) {
      const theirs = await trees.read(repository, base, conflicts);
      const changes = conflicts.map((path): FileChange => {
        const content = theirs.get(path);
        return content === undefined ? { path, deleted: true } : { path, content };
      });
      return { start: await trees.commit({ ...commit, onto: tree, changes }), conflicts: [] };
    }
    return { start: await trees.commitTree({ ...commit, tree }), conflicts };
  }

  function checkFor(task: AgentTask, start: string): Check {
    const at = { trees, dependencies, repository: task.repository, base: task.base, start, mayKeep: mayKeep(task) };
    switch (task.agent.writes) {
      case 'Change':
        return (artifact) => proposeChange(at, artifact as Change);
      case 'TestSuite':
        return (artifact) => proposeSuite(at, artifact as TestSuite);
      case 'DeploymentPlan':
        return task.into === 'candidate'
          ? (artifact) => proposeDeployment(at, artifact as DeploymentPlan)
          : writesNothing;
      default:
        return writesNothing;
    }
  }

  async function conclude(task: AgentTask, start: string, conversation: Conversation): Promise<Handoff> {
    const work = conversation.outcome === 'artifact' ? await workOf(task, start, conversation) : undefined;
    const folder = stageFolder(task.key);
    const artifact = conversation.outcome === 'artifact' ? counted(task, conversation.artifact) : undefined;
    const trace = `${folder}/transcript.md`;
    const handoff = { ...(await handoffOf(task, conversation, work)), trace };
    const title = `${task.key.stage}, round ${task.key.iteration}`;
    const { repository, at } = task;
    // No answer is nothing that another run could take over.
    const key = isUnanswered(conversation) ? (task.own ?? task.key) : task.key;
    return leave(ledger, {
      ...{ key, repository, at, handoff, turnsOf: task.key, attempt: thisAttempt() },
      files: [
        ...(artifact === undefined ? [] : artifactFiles(task.key, task.agent.writes, artifact, title)),
        { path: `${folder}/call.json`, content: json(callRecord({ ...task, key }, conversation, handoff)) },
        { path: trace, content: transcript(conversation) },
      ],
      ...(work !== undefined && { keeps: [work] }),
    });
  }

  async function workOf(
    task: AgentTask,
    start: string,
    { changes, artifact }: { changes: readonly FileChange[]; artifact: Artifact },
  ): Promise<string | undefined> {
    if (changes.length === 0) return mayKeep(task) ? start : undefined;
    const { repository, key, at } = task;
    const message = `${key.stage} ${key.iteration} of ${key.milestone}: ${summarize(artifact.summary)}\n`;
    return trees.commit({ repository, onto: start, parents: [start], changes, message, at });
  }

  async function handoffOf(task: AgentTask, conversation: Conversation, work: string | undefined): Promise<Handoff> {
    const { usage } = conversation;
    const by: Facts = { model: task.model.alias, family: task.model.family };
    if (conversation.outcome === 'blocked') {
      const { cause, reason } = conversation;
      return { status: 'blocked', cause, confidence: 0, summary: summarize(`${cause}: ${reason}`), facts: by, usage };
    }
    const { artifact } = conversation;
    const { facts, ...judged } = handoffFrom(task.key, task.agent.writes, artifact);
    return {
      ...judged,
      facts: {
        ...by,
        ...facts,
        ...(task.candidate !== undefined && { candidate: task.candidate }),
        ...(task.agent.writes === 'MilestonePlan' && {
          digest: digestOfText(json(artifact)),
        }),
        ...(work !== undefined && (await measured(trees, task.repository, task.base, work))),
      },
      usage,
    };
  }
}

const writesNothing: Check = async () => ({ changes: [], objections: [] });

/** Where it was not this work that came back, it may well hold as it is. */
const mayKeep = ({ previous, feedback }: AgentTask): boolean => previous?.work !== undefined && !feedback.some(isMeant);

/** A milestone's id is the name of a workflow, which Temporal reads: where it shall know nothing, it is a number. */
function withPlainIds(conversation: Conversation): Conversation {
  if (conversation.outcome !== 'artifact' || !('milestones' in conversation.artifact)) return conversation;
  const { milestones } = conversation.artifact as MilestonePlan;
  return { ...conversation, artifact: { ...conversation.artifact, milestones: numbered(milestones) } as Artifact };
}

/** How often a change came back is known, whatever the model says. */
function counted({ agent, key }: AgentTask, artifact: Artifact): Artifact {
  return agent.writes === 'Change' ? { ...(artifact as Change), revision_number: key.iteration - 1 } : artifact;
}

/** An answer that leaves a conflict as it stands cannot be used, whatever else it does. */
function resolving(conflicts: readonly string[], check: Check): Check {
  return async (artifact) => {
    const { changes, objections } = await check(artifact);
    const left = conflicts.filter((path) => !changes.some((change) => change.path === path));
    const unresolved = left.map((path) => `${path}: it is in conflict with the base; write it whole, resolved`);
    return { changes, objections: [...objections, ...unresolved] };
  };
}

/** One line of accounting for every call, with what went in and what came out in brief. */
function callRecord(task: AgentTask, { usage, calls, messages }: Conversation, handoff: Handoff) {
  const { key, agentName, model, at, reads } = task;
  return {
    key: effectKey(key),
    agent: agentName,
    milestone: key.milestone,
    stage: key.stage,
    iteration: key.iteration,
    input_summary: summarize(
      `${reads.map(({ stage }) => stage).join(', ') || 'the request'}${task.feedback.length > 0 ? '; sent back' : ''}`,
    ),
    output_summary: handoff.summary,
    duration_ms: usage.ms,
    timestamp: at,
    model: model.alias,
    tokens: { input: usage.inputTokens, output: usage.outputTokens },
    cost_usd: usage.costUsd,
    turns: messages.filter(({ role }) => role === 'assistant').length,
    calls: calls.map((call) =>
      'answer' in call
        ? { said: call.answer.said, model: call.answer.model, usage: call.answer.usage }
        : { failed: call.failed, usage: call.usage },
    ),
  };
}
