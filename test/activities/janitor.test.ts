// What calls have left in a repository is taken away once nobody can want it: not while their run goes on, and not where runs to come take it over.
import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createJanitorActivities } from '../../src/activities/janitor';
import type { Ledger } from '../../src/activities/ports';
import { effectKey, searchAttributes, type EffectKey } from '../../src/domain/names';

const OVER = '01a1fe20-f670-7659-849b-b588216f9751';
const AT_WORK = '01a1fe20-f670-7659-849b-b588216f9752';
const UNKNOWN = '01a1fe20-f670-7659-849b-b588216f9753';
const REPOSITORY = '/srv/target.git';

/** How the newest run of each workflow stands, where it is not at work. */
let newest: Record<string, { status: string; state?: string } | undefined>;
beforeEach(() => {
  newest = {};
});

/** As the server answers: what is no run id at all is no question to it. */
function answered(workflowId: string, runId?: string) {
  const named = (name: string, message: string) => Promise.reject(Object.assign(new Error(message), { name }));
  const gone = () => named('WorkflowNotFoundError', 'workflow not found');
  if (runId?.includes('~')) return named('ServiceError', 'Invalid RunId.');
  if (runId === UNKNOWN || (runId === undefined && workflowId in newest && newest[workflowId] === undefined))
    return gone();
  const { status, state } = (runId === undefined ? newest[workflowId] : undefined) ?? {
    status: runId === OVER ? 'TERMINATED' : 'RUNNING',
  };
  return Promise.resolve({
    ...{ runId: runId ?? AT_WORK, raw: {}, status: { name: status } },
    searchAttributes: state === undefined ? {} : { [searchAttributes.state]: [state] },
  });
}

function sweep(unfinished: readonly EffectKey[], given: unknown[] = []) {
  const dropped: string[] = [];
  const ledger: Partial<Ledger> = {
    unfinished: async () => [...unfinished],
    dropTurns: async (repository, key, attempt) => {
      dropped.push(`${repository} ${effectKey(key)}`);
      given.push(attempt);
    },
  };
  const input = { payloads: [defaultPayloadConverter.toPayload({ repository: REPOSITORY })] };
  const history = { events: [{ workflowExecutionStartedEventAttributes: { input } }] };
  const client = {
    workflow: {
      list: async function* () {
        yield { workflowId: 'shop', runId: OVER };
      },
      getHandle: (workflowId: string, runId?: string) => ({ describe: () => answered(workflowId, runId) }),
    },
    workflowService: { getWorkflowExecutionHistory: async () => ({ history }) },
    withAbortSignal: (_: AbortSignal, work: () => unknown) => work(),
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
  } as unknown as Client;
  const { dropLeftTurns } = createJanitorActivities({ ledger: ledger as Ledger });
  const environment = new MockActivityEnvironment(
    { attempt: 1, currentAttemptScheduledTimestampMs: 5_000 },
    { client },
  );
  return environment.run(dropLeftTurns).then(() => dropped);
}

const call = (runId: string, stage: string): EffectKey => ({
  ...{ runId, project: 'shop', milestone: 'login', stage, iteration: 1 },
});

test('the turns of a run that is over are dropped, and no others', async () => {
  const left = [
    call(`nightly~${'0'.repeat(32)}`, 'design'),
    call(AT_WORK, 'tests'),
    call(UNKNOWN, 'implement'),
    call(OVER, 'specify'),
  ];
  expect(await sweep(left)).toEqual([`${REPOSITORY} ${effectKey(left[3]!)}`]);
});

describe('what a session left is for its next run to take up', () => {
  const left = call(`${OVER}~${'0'.repeat(32)}`, 'design');
  const merged = { status: 'COMPLETED', state: 'merged' };
  const complete = { status: 'COMPLETED', state: 'complete' };
  const abandoned = { status: 'COMPLETED', state: 'abandoned' };
  const terminated = { status: 'TERMINATED', state: 'running' };

  test.each([
    ['while it is at work', left, {}],
    ['while its project is', left, { 'shop/login': merged }],
    ['where it was cut short', left, { shop: terminated, 'shop/login': terminated }],
    ['where its milestone was, started by itself', left, { shop: complete, 'shop/login': terminated }],
    [
      'where its milestone ended with its project, and merged nothing',
      left,
      { shop: terminated, 'shop/login': abandoned },
    ],
    ['where another Temporal has it', call(`${UNKNOWN}~0`, 'design'), { shop: complete, 'shop/login': merged }],
  ])('%s', async (_, key, stands) => {
    newest = stands;
    expect(await sweep([key])).toEqual([]);
  });

  test.each([
    ['its milestone is merged', { shop: complete, 'shop/login': merged }],
    ['its milestone is merged, and its project was cut short', { shop: terminated, 'shop/login': merged }],
    [
      'its project is complete, and nobody knows of its milestone any more',
      { shop: complete, 'shop/login': undefined },
    ],
  ])('until %s', async (_, stands) => {
    newest = stands;
    expect(await sweep([left])).toEqual([`${REPOSITORY} ${effectKey(left)}`]);
  });
});

test('turns of a call that began after the look stay', async () => {
  const given: unknown[] = [];
  await sweep([call(OVER, 'specify')], given);
  expect(given).toEqual([{ number: 1, given: 5_000 }]);
});
