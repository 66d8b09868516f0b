// An agent's call where something comes in between. Two attempts at one call: the second one is begun because the first was taken for dead, and the first was not.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAgentActivities } from '../../src/activities/agent';
import type { Ledger, Model } from '../../src/activities/ports';
import { createSecrets } from '../../src/adapters/secrets';
import { transient } from '../../src/domain/failures';
import { noHandoff, type Handoff } from '../../src/domain/handoff';
import { stageFolder } from '../../src/domain/names';
import type { AgentTask } from '../../src/domain/tasks';
import { noUsage } from '../../src/domain/usage';
import { AT, bare, git, key, tip, worker } from '../adapters/git/ground';
import { specification } from '../scenarios/answers';

const first = { number: 1, given: 1_000 };
const turnRefs = (repository: string) =>
  git(repository, 'for-each-ref', '--format=%(refname)', 'refs/millwright-turns');

async function ground() {
  const repository = bare({ 'README.md': '# Sums\n' });
  const { ledger } = worker();
  const files = [
    { path: 'definition/prompts/specifier.md', content: 'You specify.' },
    { path: 'request.md', content: 'Sums, please.' },
  ];
  const begin = { repository, key: key({ stage: 'begin' }), files, message: 'Begin', at: AT };
  const task = {
    ...{ key: key(), repository, at: AT, agentName: 'specifier', definition: await ledger.append(begin) },
    agent: { reads: ['repository'], writes: 'Specification', tools: [], turns: 5 },
    model: { alias: 'frontier', model: 'any', limits: {} },
    ...{ base: tip(repository), reads: [], feedback: [] },
  } as unknown as AgentTask;
  return { repository, task };
}

/** The other attempt's whole work: its turn, and its entry. */
async function concludes({ repository, key: own }: AgentTask, { ledger }: { ledger: Ledger }): Promise<void> {
  await ledger.saveTurn(repository, own, 0, 'an answer', first);
  const handoff = { ...noHandoff, summary: 'done by the first' };
  const files = [{ path: `${stageFolder(own)}/handoff.json`, content: JSON.stringify(handoff) }];
  await ledger.append({ repository, key: own, files, message: 'Done', at: AT, attempt: first });
}

/** A model that gives the answer that is wanted, after this. */
const answering = (before: () => Promise<void>): Model => ({
  answer: async () => {
    await before();
    const text = JSON.stringify((specification() as { json: unknown }).json);
    return { said: 'text', text, model: 'any', usage: noUsage } as Awaited<ReturnType<Model['answer']>>;
  },
});

/** The second attempt, of which the first comes before this step. */
async function second(task: AgentTask, step: 'find' | 'takeOver' | 'answer') {
  const own = worker();
  const other = worker();
  const late: string[] = [];
  const comes = () => concludes(task, other).catch((error: Error) => void late.push(error.message));
  const once = (of: typeof step) => (of === step && late.length === 0 ? comes() : Promise.resolve());
  const ledger: Ledger = {
    ...own.ledger,
    find: async (...args) => (await once('find'), own.ledger.find(...args)),
    takeOver: async (...args) => (await once('takeOver'), own.ledger.takeOver(...args)),
  };
  let asked = 0;
  const model = answering(async () => {
    asked += 1;
    await once('answer');
  });
  const activities = createAgentActivities({ ...own, ledger, model, secrets: createSecrets({}, []) });
  const environment = new MockActivityEnvironment({ attempt: 2, currentAttemptScheduledTimestampMs: 17_000 });
  const handoff = (await environment.run(activities.callAgent, task)) as Handoff;
  return { handoff, asked, late };
}

test.each(['find', 'takeOver'] as const)(
  'what the first one has done before %s is handed over, asked for by nobody again, and leaves no turns behind',
  async (step) => {
    const { repository, task } = await ground();
    const { handoff, asked, late } = await second(task, step);
    expect({ summary: handoff.summary, asked, late }).toEqual({ summary: 'done by the first', asked: 0, late: [] });
    expect(turnRefs(repository)).toBe('');
  },
);

test('what another attempt has shut out for nothing, and left, is taken away by the one that finds all done', async () => {
  const { repository, task } = await ground();
  await concludes(task, worker());
  await worker().ledger.takeOver(repository, task.key, { number: 2, given: 9_000 });
  expect(turnRefs(repository)).not.toBe('');
  const { handoff, asked } = await second(task, 'answer');
  expect({ summary: handoff.summary, asked }).toEqual({ summary: 'done by the first', asked: 0 });
  expect(turnRefs(repository)).toBe('');
});

test('once the second one has taken over, the first comes too late', async () => {
  const { repository, task } = await ground();
  const { handoff, asked, late } = await second(task, 'answer');
  expect(late).toEqual([expect.stringMatching(/attempt 1 was taken for dead/)]);
  expect({ status: handoff.status, asked }).toEqual({ status: 'ok', asked: 1 });
  expect(turnRefs(repository)).toBe('');
});

test('an answer that was paid for is kept where the repository is away for a moment', async () => {
  const { repository, task } = await ground();
  const own = worker();
  let away = 2;
  const saveTurn: Ledger['saveTurn'] = (...args) =>
    away-- > 0 ? Promise.reject(transient('RepositoryUnavailable', 'no answer')) : own.ledger.saveTurn(...args);
  let asked = 0;
  const activities = createAgentActivities({
    ...{ ...own, ledger: { ...own.ledger, saveTurn }, secrets: createSecrets({}, []) },
    model: answering(async () => void asked++),
  });
  const handoff = (await new MockActivityEnvironment().run(activities.callAgent, task)) as Handoff;
  expect({ status: handoff.status, asked, turns: turnRefs(repository) }).toEqual({ status: 'ok', asked: 1, turns: '' });
});

describe('a pipeline that allows three tries means three at the endpoint', () => {
  const busy = () => Promise.reject(transient('ModelRateLimited', 'too many at once'));
  const again = 'tried again: too many at once';

  /** How attempts end, of which each asks a model that does this next. */
  async function attempts(
    task: AgentTask,
    answers: readonly Model['answer'][],
    scheduledTimestampMs = 1,
  ): Promise<string[]> {
    const limited: AgentTask = { ...task, retry: { on: ['rate-limit'], attempts: 3 } };
    const outcomes: string[] = [];
    for (const [number, answer] of answers.entries()) {
      const activities = createAgentActivities({ ...worker(), model: { answer }, secrets: createSecrets({}, []) });
      const given = scheduledTimestampMs + number * 1_000;
      const times = { attempt: number + 4, scheduledTimestampMs, currentAttemptScheduledTimestampMs: given };
      const called = new MockActivityEnvironment(times).run(activities.callAgent, limited) as Promise<Handoff>;
      outcomes.push(
        await called.then(
          ({ status, cause }) => `${status}: ${cause}`,
          (error: Error) => `tried again: ${error.message}`,
        ),
      );
    }
    return outcomes;
  }

  test('attempts that died with their worker are none of them', async () => {
    const { task } = await ground();
    expect(await attempts(task, [busy, busy, busy])).toEqual([again, again, 'blocked: rate-limit']);
  });

  test('of each question, and after a person has seen to it as many again', async () => {
    const { task } = await ground();
    const says: Model['answer'] = async () => ({ said: 'text', text: '{}', model: 'any', usage: noUsage });
    let asked = 0;
    const saysOnce: Model['answer'] = (...args) => (asked++ === 0 ? says(...args) : busy());
    expect(await attempts(task, [busy, busy, saysOnce, busy])).toEqual([again, again, again, again]);
    expect(await attempts(task, [busy, busy], 100_000)).toEqual([again, again]);
  });

  test('and no fourth where the worker died before it could say so', async () => {
    const { task } = await ground();
    const { ledger } = worker();
    const tried = { fault: 'rate-limit', since: 1 };
    const failed = JSON.stringify({ failed: 'too many at once', usage: noUsage, tried });
    for (const turn of [0, 1, 2]) await ledger.saveTurn(task.repository, task.key, turn, failed);
    const never = () => Promise.reject(new Error('it was asked'));
    expect(await attempts(task, [never])).toEqual(['blocked: rate-limit']);
  });
});
