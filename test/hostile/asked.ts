// One agent asked for one artifact, with a real repository and a model that says whatever an enemy wants it to say.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAgentActivities } from '../../src/activities/agent';
import type { Ledger, Model, ModelAnswer, ModelCall, Trees } from '../../src/activities/ports';
import type { ArtifactKind } from '../../src/domain/artifacts';
import type { Handoff } from '../../src/domain/handoff';
import type { AgentTask } from '../../src/domain/tasks';
import { noUsage } from '../../src/domain/usage';
import { createDependencies } from '../../src/adapters/dependencies';
import { createSecrets } from '../../src/adapters/secrets';
import { AT, key, tip, worker } from '../adapters/git/ground';

type Said = string | object | ModelAnswer;
export type Asking = {
  repository: string;
  writes: ArtifactKind;
  /** What the model says, turn by turn; the last of it again and again. */
  says: readonly Said[] | ((call: ModelCall, turn: number) => Said);
  on?: { trees: Trees; ledger: Ledger };
  task?: Partial<AgentTask>;
  reads?: readonly string[];
  tools?: AgentTask['agent']['tools'];
  /** The worker's. */
  environment?: NodeJS.ProcessEnv;
};

const answered = (said: Said): ModelAnswer =>
  typeof said === 'object' && 'said' in said
    ? said
    : { said: 'text', text: typeof said === 'string' ? said : JSON.stringify(said), usage: noUsage, model: 'enemy' };

export async function ask({
  repository,
  writes,
  says,
  on = worker(),
  task = {},
  reads = ['repository'],
  ...more
}: Asking) {
  const agentName = 'coder';
  const definition = await on.ledger.append({
    ...{ repository, key: key({ stage: 'begin' }), message: 'Begin', at: AT },
    files: [{ path: `definition/prompts/${agentName}.md`, content: 'You do as you are told.' }],
  });
  const heard: ModelCall[] = [];
  const enemy: Model = {
    async answer(call) {
      heard.push({ ...call, messages: [...call.messages] });
      const turn = heard.length;
      return answered(typeof says === 'function' ? says(call, turn) : says[Math.min(turn, says.length) - 1]!);
    },
  };
  const secrets = createSecrets(more.environment ?? {});
  const { callAgent } = createAgentActivities({
    ...on,
    model: enemy,
    secrets,
    dependencies: createDependencies(on.trees),
  });
  const asked: AgentTask = {
    ...{ key: key(), repository, at: AT, agentName, definition, base: tip(repository), reads: [], feedback: [] },
    agent: { role: 'does as told', model: ['m'], tools: more.tools ?? [], reads, writes, turns: 12 } as never,
    model: { alias: 'm', model: 'm', family: 'f', limits: {}, price: {} } as never,
    ...task,
  };
  const handoff: Handoff = await new MockActivityEnvironment().run(callAgent, asked);
  return {
    handoff,
    heard,
    prompt: () =>
      heard
        .at(-1)!
        .messages.map(({ content }) => content)
        .join('\n'),
  };
}

const said = { summary: 'as asked', confidence: 0.9 };

/** A change of these files, and of nothing else. */
export const changeOf = (files: Readonly<Record<string, string>>, deletions: readonly string[] = []) => ({
  ...said,
  files: Object.entries(files).map(([path, content]) => ({ path, content })),
  ...{ edits: [], deletions, dependencies_added: [], explanation: '', changelog: '', revision_number: 0 },
});
