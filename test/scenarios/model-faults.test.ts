// What the model's endpoint says or suffers, and what becomes of the run: retried, told back to the model, or a person's to settle.
import { WorkflowFailedError } from '@temporalio/client';
import type { ScriptedAnswer, ScriptedCall } from '../../scripts/scripted-model/server';
import { bare } from '../adapters/git/ground';
import { startUnaccepted, type Unaccepted } from '../unaccepted';
import { until } from '../until';
import { change, code, deployment, good, plan, specification, suite, test as testing, understanding } from './answers';
import { patienceSeconds, pendingCall, retried, SCHEDULED } from './attempts';
import { small } from './definitions';
import type { Delivery } from './delivery';
import { useMill } from './mill';
import { once } from './once';
import { silentOnce } from './script';

// What is promised of an idle machine, and how much later all is on one that has its hands full.
const [PROMISED_MS, STALLED] = [20_000, 4];
/** How long endpoints are out now and then. */
const OUTAGE_SECONDS = 120;
/** Longer than a worker is waited for that gives no sign of life. */
const IDLE_SECONDS = 20;
const models = `models:
  frontier-a:
    endpoint: \${OPENAI_BASE_URL}
    key: OPENAI_API_KEY
    model: scripted
    family: scripted-a
    price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }
  frontier-b: { endpoint: '\${OPENAI_BASE_URL}', model: scripted, family: scripted-b }
  impatient: { endpoint: '\${OPENAI_BASE_URL}', model: scripted, family: scripted-a, limits: { idleSeconds: ${IDLE_SECONDS} } }
  elsewhere: { endpoint: '\${LOCAL_BASE_URL}', model: scripted, family: scripted-b }
  unaccepted: { endpoint: '\${UNACCEPTED_BASE_URL}', model: scripted, family: scripted-a }
`;
/** A pipeline of its name that asks nothing but this model. */
const asking = (name: string, model: string) => ({
  [`pipelines/${name}.yaml`]: `name: ${name}\nstages:\n  specify: { agent: ${name} }\n`,
  [`agents/${name}/agent.yaml`]: `role: does as scripted\nmodel: [${model}]\nreads: [request, milestone, repository]\nwrites: Specification\n`,
  [`agents/${name}/prompt.md`]: 'You specify.\n',
});
// Only what is about silence is asked of a model that is not waited for: on a busy machine any answer may take seconds.
const definitions = {
  ...small,
  ...asking('hasty', 'impatient'),
  ...asking('cut-off', 'unaccepted'),
  ...asking('elsewhere', 'elsewhere'),
  'models.yaml': models,
};

let unaccepted: Unaccepted;
const environment: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  unaccepted = await startUnaccepted();
  environment.UNACCEPTED_BASE_URL = unaccepted.url;
});
afterAll(() => unaccepted.close());
const CALLS_AT_ONCE = 2;
const mill = useMill({ definitions, environment, local: true, callsAtOnce: CALLS_AT_ONCE });

/** What takes its time goes on while the other tests do. */
let slow: { burst: Delivery; silent: Delivery };
beforeAll(async () => {
  const [burst, silent] = await Promise.all([
    mill.milestone({ specify: outFor(BURST_MS) }, { pipeline: 'solo' }),
    mill.milestone({ specify: silentOnce(specification()).say }, { pipeline: 'hasty' }),
  ]);
  slow = { burst, silent };
});

// In a row of waits that double from a second on, the sixth is over after a minute.
const BURST_MS = 60_000;
const STATUSES = [500, 502, 503, 529];
const statusOf = (attempt: number) => STATUSES[(attempt - 1) % STATUSES.length]!;
/** So long from when it is asked first. */
function outFor(ms: number) {
  let first: number | undefined;
  return ({ attempt }: ScriptedCall): ScriptedAnswer => {
    const now = Date.now();
    first ??= now;
    return now - first < ms ? { status: statusOf(attempt) } : specification();
  };
}

type CallRecord = {
  tokens: { input: number; output: number };
  cost_usd: number;
  calls: { failed?: string; usage: { inputTokens: number; outputTokens: number } }[];
};

const asked = (...specify: ScriptedAnswer[]) => mill.milestone({ specify }, { pipeline: 'solo' });
const times = (run: Delivery) => run.calls().map(({ at }) => Date.parse(at));
const rubbish = { text: 'Certainly! Here is your specification.' };
const halfBaked = { json: { summary: 'only this' } };

const failures = async (run: Delivery) => (await retried(run)).map(({ failure }) => failure);

describe('an answer that cannot be used', () => {
  test('is told back to the model twice, and every answer is counted', async () => {
    const run = await asked(rubbish, halfBaked, specification());
    expect(await run.result()).toEqual({ outcome: 'complete' });
    const calls = run.calls();
    expect(calls.map(({ turn }) => turn)).toEqual([1, 2, 3]);
    expect(run.prompt('specify')).toMatch(/That answer cannot be used:\n<data-\w+ title="why">\n- /);
    expect(run.prompt('specify')).toContain('prd');
    const { usage } = await run.status();
    const [inputTokens, outputTokens] = [sum(calls, 'inputTokens'), sum(calls, 'outputTokens')];
    expect(usage).toMatchObject({ calls: 3, inputTokens, outputTokens });
    expect(usage.costUsd).toBeCloseTo((inputTokens + 10 * outputTokens) / 1e6, 6);
  });

  test('three times over is a person’s to settle, who can have it asked again', async () => {
    const run = await asked(rubbish, rubbish, rubbish, specification());
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toMatch(/^specify \(invalid-answer\): invalid-answer: /);
    await run.say('guide', { by: 'ada', note: 'JSON, please.' });
    expect(await run.result()).toEqual({ outcome: 'complete' });
    expect(run.prompt('specify', 2)).toContain('JSON, please.');
    expect(JSON.parse(run.fromLedger('stages/specify/1/call.json')).calls).toHaveLength(3);
  });

  test('that was cut off is asked for again, shorter', async () => {
    const run = await asked({ cutOff: '{"summary": "it goes on and' }, specification());
    expect(await run.result()).toEqual({ outcome: 'complete' });
    expect(run.prompt('specify')).toContain('it was cut off before its end: be shorter');
  });
});

test.each<[string, ScriptedAnswer]>([
  ['refusal', { refusal: 'I will not specify that.' }],
  ['filtered', { filtered: true }],
  [
    'too-long',
    { status: 400, body: { error: { message: 'the maximum context length is 8', code: 'context_length_exceeded' } } },
  ],
])('%s is a person’s to settle at once, under that name, and is not asked again', async (cause, answer) => {
  const run = await asked(answer);
  const { detail } = await run.untilItWaitsFor('guidance');
  expect(detail).toMatch(new RegExp(`^specify \\(${cause}\\): ${cause}: .+`));
  expect(run.calls()).toHaveLength(1);
});

describe('nothing is merged of', () => {
  const repository = () => bare({ 'README.md': '# Sums\n', ...code('add') });
  const commits = (run: Delivery) => run.git('rev-list', '--count', 'main');

  /** It waits for a person under this name, who can but leave it: there is nothing to approve. */
  async function isLeft(run: Delivery, words: string): Promise<void> {
    const { detail } = await run.untilItWaitsFor('guidance');
    expect(detail).toBe(words);
    await run.say('abandon', { by: 'ada' });
    expect(await run.result()).toMatchObject({ outcome: 'abandoned' });
    expect(commits(run)).toBe('1');
  }

  test.each<[string, ScriptedAnswer, string, string]>([
    ['an answer without a word', { empty: true }, 'empty', 'it is empty'],
    ['an answer that is cut off', { cutOff: '{"files":[{"pa' }, 'cut-off', 'it was cut off before its end: be shorter'],
    ['a change of no file', change({}), 'invalid-answer', 'it changes nothing'],
  ])('%s, which is told back twice and then a person’s, under its name', async (_, answer, cause, why) => {
    const script = { implement: [answer, answer, answer], tests: [suite(testing('add'))] };
    const run = await mill.milestone(script, { pipeline: 'quick', repository: repository() });
    await isLeft(run, `implement (${cause}): ${cause}: ${why}`);
    const calls = run.calls({ stage: 'implement' });
    expect(calls.map(({ turn, outcome }) => `${turn} ${outcome}`)).toEqual(['1 answered', '2 answered', '3 answered']);
    expect(run.prompt('implement').split(`- ${why}`)).toHaveLength(3);
  });

  test('a change that writes what is there already: no test tells it from none', async () => {
    const [implement, tests] = [() => change(code('add')), () => suite(testing('add'))];
    const run = await mill.milestone({ implement, tests }, { pipeline: 'quick', repository: repository() });
    const why = 'passes before the change, so it proves nothing: test/add.test.js > add of 2 and 3';
    await isLeft(run, `verify (unchanged-failure): the same again: ${why}; 1 of 1 tests pass`);
  });
});

describe('an endpoint that cannot answer now', () => {
  test('and says when to come back is asked then, and not before', async () => {
    const later = (headers: Record<string, string>) => ({ status: 429, headers });
    const soonest = later({ 'retry-after-ms': '3500', 'retry-after': '1' });
    const run = await asked(later({ 'retry-after': '2' }), soonest, specification());
    expect(await run.result()).toEqual({ outcome: 'complete' });
    const [first, second, third, ...more] = times(run) as [number, number, number];
    expect(more).toEqual([]);
    for (const [wait, told] of [
      [second - first, 2_000],
      [third - second, 3_500],
    ] as const) {
      expect(wait).toBeGreaterThanOrEqual(told);
      expect(wait).toBeLessThan(120_000);
    }
    expect(await failures(run)).toEqual(['ModelRateLimited']);
  });

  // Longer than all the others take together, and as long as is waited at most.
  const LATER_SECONDS = 900;

  test('keeps none of the hands that others need, of its own endpoint or of another, however many wait for it', async () => {
    const later = { status: 429, headers: { 'retry-after': `${LATER_SECONDS}` } };
    const waiting = await Promise.all(Array.from({ length: CALLS_AT_ONCE + 1 }, () => asked(later)));
    for (const run of waiting) {
      const failed = await once(
        () => pendingCall(run),
        (call) => Boolean(call?.lastFailure),
      );
      expect(failed?.lastFailure?.applicationFailureInfo?.type).toBe('ModelRateLimited');
    }

    const { implement, tests } = good('add');
    const [same, other] = await Promise.all([
      mill.milestone({ implement: implement!, tests: tests! }, { pipeline: 'quick' }),
      mill.milestone({ specify: [specification()] }, { pipeline: 'elsewhere' }),
    ]);
    expect(await other.result()).toEqual({ outcome: 'complete' });
    expect(mill.local.calls.filter(({ project }) => project === other.id)).toHaveLength(1);
    await same.approve();
    expect(await same.result()).toMatchObject({ outcome: 'merged' });

    for (const run of waiting) {
      expect(run.calls()).toHaveLength(1);
      const call = await pendingCall(run);
      expect(call).toMatchObject({ state: SCHEDULED, attempt: 2 });
      expect(Number(call!.currentRetryInterval!.seconds)).toBe(LATER_SECONDS);
      await run.handle.cancel();
      await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    }
  });

  test('and falls silent is given up after its idle limit, its worker not taken for dead meanwhile, and asked again', async () => {
    const run = slow.silent;
    expect(await run.result()).toEqual({ outcome: 'complete' });
    const [first, second, ...more] = times(run) as [number, number];
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThanOrEqual(IDLE_SECONDS * 1000);
    expect(await failures(run)).toEqual(['ModelStalled']);
  });

  test('since no connection to it comes about is asked again; when that is called off it is over soon, and leaves nothing', async () => {
    const run = await mill.milestone({}, { pipeline: 'cut-off' });
    const tried = await once(
      () => pendingCall(run),
      (call) => Boolean(call?.lastFailure),
    );
    expect(tried?.lastFailure).toMatchObject({
      message: expect.stringContaining('UND_ERR_CONNECT_TIMEOUT'),
      applicationFailureInfo: { type: 'ModelUnavailable' },
    });
    const turns = () => run.git('for-each-ref', 'refs/millwright-turns');
    expect(turns()).not.toBe('');
    await until(() => unaccepted.asking() > 0);

    const began = performance.now();
    await run.handle.cancel();
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    await until(() => turns() === '', STALLED * PROMISED_MS);
    const ms = Math.round(performance.now() - began);
    process.stdout.write(`the call was over ${ms} ms after the cancellation\n`);
    expect(ms).toBeLessThan(STALLED * PROMISED_MS);
  });

  test('and breaks off in the middle costs what it sent, of which nothing is used, and is asked again', async () => {
    const [reset, cut] = ['x'.repeat(2_000), `{"summary":"${'y'.repeat(1_000)}`];
    const run = await asked({ resetAfterChars: 400, text: reset }, { truncated: cut }, specification());
    expect(await run.result()).toEqual({ outcome: 'complete' });
    expect(await retried(run)).toEqual([{ attempts: 3, failure: 'ModelUnavailable' }]);
    const calls = run.calls();
    const sent = [400, cut.length, JSON.stringify((specification() as { json: object }).json).length];
    const outputs = sent.map((chars) => Math.ceil(chars / 4));
    expect(calls.map(({ outputTokens }) => outputTokens)).toEqual(outputs);
    expect(calls.every(({ inputTokens }) => inputTokens > 0)).toBe(true);

    const record = JSON.parse(run.fromLedger('stages/specify/1/call.json')) as CallRecord;
    expect(record.calls.map(({ usage }) => [usage.inputTokens, usage.outputTokens])).toEqual(
      calls.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
    );
    expect(record.calls.map(({ failed }) => failed?.replace(/.* broke off: /, ''))).toEqual([
      expect.any(String),
      'the answer ended before it was finished',
      undefined,
    ]);
    const [inputTokens, outputTokens] = [sum(calls, 'inputTokens'), sum(calls, 'outputTokens')];
    expect(record.tokens).toEqual({ input: inputTokens, output: outputTokens });
    expect(record.cost_usd).toBeCloseTo((inputTokens + 10 * outputTokens) / 1e6, 9);
    expect((await run.status()).usage).toMatchObject({ calls: 3, inputTokens, outputTokens, costUsd: record.cost_usd });
    // Neither is anything of it told to the model that is asked again, nor is it kept.
    expect(calls.map(({ turn }) => turn)).toEqual([1, 1, 1]);
    const kept = run.ledger().map((path) => run.fromLedger(path));
    expect([...kept, run.prompt('specify')].filter((text) => /x{20}|y{20}/.test(text))).toEqual([]);
  });
});

test('refused credentials are waited for by name; with them it goes on where it was, and nothing is asked twice', async () => {
  let locked = false;
  const lockable = (answer: ScriptedAnswer) => () =>
    locked ? { status: 401, body: { error: { message: 'bad key sk-scripted', code: 'invalid_api_key' } } } : answer;
  const script = good('add');
  const run = await mill.project({
    project: { understand: [understanding()], plan: [plan({ add: [] })], deploy: [deployment()] },
    add: {
      ...script,
      design: (call) => {
        locked ||= call.attempt === 1;
        return lockable((script.design as ScriptedAnswer[])[0]!)();
      },
    },
  });
  const { milestones } = await run.until(({ milestones }) => milestones[0]?.waitingFor?.for === 'credentials');
  expect(milestones[0]!.waitingFor!.detail).toMatch(/frontier-a .*HTTP 401.*Check the key/);
  expect(milestones[0]!.waitingFor!.detail).not.toContain('sk-scripted');
  const id = `${run.id}/add`;
  expect(await mill.inbox('credentials', id)).toEqual([id]);
  const asked = run.calls({ stage: 'design' }).length;

  locked = false;
  await run.say('resume', { by: 'ada' });
  expect(await run.delivered()).toMatchObject({ outcome: 'complete', milestones: [{ id: 'add', state: 'merged' }] });
  expect(run.calls({ stage: 'design' })).toHaveLength(asked + 1);
  const answered = run.calls().filter(({ outcome }) => outcome === 'answered');
  expect(new Set(answered.map(({ key }) => key)).size).toBe(answered.length);
  expect(answered).toHaveLength(8);
  const { usage } = await run.status();
  expect(usage).toMatchObject({
    inputTokens: sum(answered, 'inputTokens'),
    outputTokens: sum(answered, 'outputTokens'),
  });
});

test('an endpoint that is out for a minute is asked again, with ever more patience, until it can answer; it would be for far longer', async () => {
  const run = slow.burst;
  expect(await run.result()).toEqual({ outcome: 'complete' });
  const calls = run.calls();
  const refused = calls.slice(0, -1);
  expect(calls.map(({ outcome }) => outcome)).toEqual([...refused.map((_, at) => statusOf(at + 1)), 'answered']);
  expect(refused.length).toBeGreaterThanOrEqual(STATUSES.length);
  const at = times(run);
  expect(at.at(-1)! - at[0]!).toBeGreaterThanOrEqual(BURST_MS);
  const waits = at.slice(1).map((time, index) => time - at[index]!);
  waits.forEach((wait, index) => expect(wait).toBeGreaterThanOrEqual(1_000 * 2 ** index));
  expect(new Set(calls.map(({ key }) => key)).size).toBe(1);

  const { usage } = await run.status();
  expect(usage).toMatchObject({ calls: calls.length, inputTokens: sum(calls, 'inputTokens') });
  const { calls: booked } = JSON.parse(run.fromLedger('stages/specify/1/call.json')) as { calls: object[] };
  expect(booked).toMatchObject([
    ...refused.map(() => ({ failed: expect.stringContaining('HTTP 5') })),
    { said: 'text' },
  ]);
  expect(await retried(run)).toEqual([{ attempts: calls.length, failure: 'ModelUnavailable' }]);
  expect(await patienceSeconds(run)).toBeGreaterThan(OUTAGE_SECONDS);
});

test('every history of this file replays on the code that it ran on', async () => {
  expect(await mill.doNotReplay()).toEqual([]);
});

const sum = (calls: ReturnType<Delivery['calls']>, what: 'inputTokens' | 'outputTokens'): number =>
  calls.reduce((total, call) => total + call[what], 0);
