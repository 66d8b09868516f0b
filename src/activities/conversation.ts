// An agent's turns: ask the model, use the tools it calls, tell it what is wrong, until its answer can be used.
// Every finished turn is saved outside this process before the next begins, so a successor goes on where this one died.
import { activityInfo, ApplicationFailure, log } from '@temporalio/activity';
import { z } from 'zod';
import { artifacts, type Artifact } from '../domain/artifacts';
import { isTyped } from '../domain/failures';
import { effectKey } from '../domain/names';
import type { Retry } from '../domain/pipeline';
import { repairPrompt, toolAnswer } from '../domain/prompt';
import type { AgentTask } from '../domain/tasks';
import { addUsage, noUsage, Usage } from '../domain/usage';
import { thisAttempt } from './alive';
import type { Brief } from './brief';
import { discreet } from './discretion';
import type { FileChange, Ledger, Message, Model, ModelAnswer, Secrets, Trees } from './ports';
import { outlasting } from './outlasting';
import { toolsFor, useTool } from './tools';

const REPAIRS_LIMIT = 2;

export type Conversation = { usage: Usage; calls: readonly Call[]; messages: readonly Message[] } & (
  | { outcome: 'artifact'; artifact: Artifact; changes: readonly FileChange[] }
  | { outcome: 'blocked'; cause: string; reason: string }
);

/** One request to the endpoint: answered, or failed though it cost something or was one of the tries that are allowed. */
export type Call = { answer: ModelAnswer } | Failed;
type Failed = { failed: string; usage: Usage; tried?: { fault: Fault; since: number } };
type Fault = Retry['on'][number];

/** Whether an artifact can be used, and what it would write. */
export type Check = (artifact: Artifact) => Promise<{ changes: FileChange[]; objections: string[] }>;

type Deps = { trees: Trees; ledger: Ledger; model: Model; secrets: Secrets };
export type Ground = {
  opening: Brief;
  /** What was finished before, by this or an earlier attempt. */
  turns: readonly string[];
  start: string;
  check: Check;
  signal: AbortSignal;
  awake: () => void;
};
type Ending = Conversation extends infer C
  ? C extends unknown
    ? Omit<C, 'usage' | 'calls' | 'messages'>
    : never
  : never;

export async function converse(
  { trees, ledger, model, secrets }: Deps,
  task: AgentTask,
  { opening, turns, start, check, signal, awake }: Ground,
): Promise<Conversation> {
  const { repository, key, agent } = task;
  const { nonce } = opening;
  const messages = opening.messages.map((message) => ({ ...message, content: secrets.redact(message.content) }));
  const attempt = thisAttempt();
  const calls = turns.map((turn) => JSON.parse(turn) as Call);
  const finished = calls.flatMap((call) => ('answer' in call ? [call.answer] : []));
  let repairs = 0;

  const end = (ending: Ending): Conversation =>
    ({ ...ending, usage: addUsage(noUsage, ...calls.map(usageOf)), calls, messages }) as Conversation;
  const blocked = (cause: string, reason: string) => end({ outcome: 'blocked', cause, reason });

  for (let turn = 0; turn < agent.turns; turn++) {
    const answer = finished[turn] ?? (await ask(turn).catch(spent));
    if (answer instanceof Spent) return blocked(answer.fault, answer.message);
    messages.push({
      role: 'assistant',
      content: 'text' in answer ? answer.text : answer.reason,
      ...(answer.said === 'tools' && { toolCalls: answer.calls }),
    });
    switch (answer.said) {
      case 'refusal':
      case 'filtered':
      case 'too-long':
        return blocked(answer.said, answer.reason);
      case 'tools':
        for (const call of answer.calls) {
          const content = await useTool({ trees, repository, commit: task.candidate ?? start }, agent.tools, call);
          messages.push({ role: 'tool', callId: call.id, content: toolAnswer(secrets.redact(content), nonce) });
        }
        break;
      case 'text':
      case 'cut-off':
      case 'empty': {
        const read = answer.said === 'text' ? await usable(task, answer.text, check) : unusable(answer.said);
        if ('artifact' in read) return end({ outcome: 'artifact', ...read });
        repairs += 1;
        if (repairs > REPAIRS_LIMIT)
          return blocked(answer.said === 'text' ? 'invalid-answer' : answer.said, read.objections.join('; '));
        messages.push({ role: 'user', content: repairPrompt(read.objections, nonce) });
      }
    }
  }
  return blocked('turns', `no usable answer in ${agent.turns} turns`);

  async function ask(turn: number): Promise<ModelAnswer> {
    awake();
    assertTriesLeft(task.retry, calls);
    const heard = await model
      .answer({
        alias: task.model.alias,
        model: task.model.model,
        limits: task.model.limits,
        price: task.model.price,
        messages,
        tools: toolsFor(agent.tools),
        schema: { name: agent.writes, json: schemaOf(task) },
        headers: headersOf(task),
        idempotencyKey: `${effectKey(key)}/turn-${turn + 1}`,
        signal,
      })
      .catch(async (error: unknown) => {
        await saveFailed(error);
        assertTriesLeft(task.retry, calls);
        throw error;
      });
    const answer = await discreet(secrets, { trees, repository, base: task.base }, heard);
    await save({ answer });
    return answer;
  }

  /** Billed, but lost: it is counted, and the retry asks again. So is what a pipeline allows only so often. */
  async function saveFailed(error: unknown): Promise<void> {
    const usage = billed(error);
    const fault = task.retry && faultOf(error);
    if (usage === undefined && fault === undefined) return;
    const tried = fault && { fault, since: activityInfo().scheduledTimestampMs };
    const failed = secrets.redact((error as Error).message);
    const saved = save({ failed, usage: usage ?? noUsage, ...(tried && { tried }) });
    // What cost nothing is not worth more than what the endpoint said, such as when it wants to be asked again.
    await (usage === undefined ? saved.catch(unlessStale) : saved);
  }

  async function save(call: Call): Promise<void> {
    calls.push(call);
    const [turn, content] = [calls.length - 1, JSON.stringify(call)];
    await outlasting(() => ledger.saveTurn(repository, key, turn, content, attempt), awake);
  }
}

/** Not worth another try by what the pipeline allows: a person hears of it. */
class Spent extends Error {
  constructor(
    readonly fault: Fault,
    message: string,
  ) {
    super(message);
  }
}

const faults: Readonly<Record<string, Fault>> = {
  ModelRateLimited: 'rate-limit',
  ModelStalled: 'timeout',
  ModelUnavailable: 'unavailable',
};

const faultOf = (error: unknown): Fault | undefined =>
  error instanceof ApplicationFailure ? faults[error.type ?? ''] : undefined;

/** What counts is how often the endpoint has failed at this question, not the attempts: some may have died with their worker. */
function assertTriesLeft(retry: Retry | undefined, calls: readonly Call[]): void {
  const since = activityInfo().scheduledTimestampMs;
  const question = calls.slice(calls.findLastIndex((call) => 'answer' in call) + 1) as Failed[];
  const tried = question.filter((call) => call.tried?.since === since);
  const last = tried.at(-1);
  if (retry === undefined || last === undefined) return;
  const { fault } = last.tried!;
  if (!retry.on.includes(fault) || tried.length >= retry.attempts) throw new Spent(fault, last.failed);
}

function unlessStale(error: unknown): void {
  if (isTyped(error, 'StaleAttempt')) throw error;
  log.warn(`a try could not be noted: ${(error as Error).message}`);
}

/** The endpoint is why it is blocked, not anything that it said. */
export const isUnanswered = (conversation: Conversation): boolean =>
  conversation.outcome === 'blocked' && Object.values<string>(faults).includes(conversation.cause);

function spent(error: unknown): Spent {
  if (error instanceof Spent) return error;
  throw error;
}

async function usable(task: AgentTask, text: string, check: Check) {
  const parsed = artifacts[task.agent.writes].safeParse(jsonIn(text));
  if (!parsed.success) return { objections: z.prettifyError(parsed.error).split('\n').slice(0, 30) };
  const artifact = parsed.data as Artifact;
  const { changes, objections } = await check(artifact);
  return objections.length > 0 ? { objections } : { artifact, changes };
}

function unusable(said: 'cut-off' | 'empty') {
  return { objections: [said === 'empty' ? 'it is empty' : 'it was cut off before its end: be shorter'] };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
}

const usageOf = (call: Call): Usage => ('answer' in call ? call.answer.usage : call.usage);

function billed(error: unknown): Usage | undefined {
  if (!(error instanceof ApplicationFailure)) return undefined;
  const found = z.object({ usage: Usage }).safeParse(error.details?.[0]);
  return found.success && found.data.usage.calls > 0 ? found.data.usage : undefined;
}

const schemaOf = (task: AgentTask) =>
  z.toJSONSchema(artifacts[task.agent.writes], { io: 'input' }) as Record<string, unknown>;

function headersOf({ key, agentName }: AgentTask): Record<string, string> {
  return {
    'x-millwright-project': key.project,
    'x-millwright-milestone': key.milestone,
    'x-millwright-stage': key.stage,
    'x-millwright-agent': agentName,
    'x-millwright-iteration': String(key.iteration),
    ...(key.part !== undefined && { 'x-millwright-part': key.part }),
  };
}
