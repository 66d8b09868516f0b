// What calls have left in a repository is taken away once nobody can want it: not while their run goes on, and not where runs to come take it over.
import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createJanitorActivities } from '../../src/activities/janitor';
import type { Ledger } from '../../src/activities/ports';
import { effectKey, type EffectKey } from '../../src/domain/names';

const OVER = '01a1fe20-f670-7659-849b-b588216f9751';
const AT_WORK = '01a1fe20-f670-7659-849b-b588216f9752';
const UNKNOWN = '01a1fe20-f670-7659-849b-b588216f9753';
const REPOSITORY = '/srv/target.git';

/** As the server answers: what is no run id at all is no question to it. */
function describe(workflowId: string, runId?: string) {
  const named = (name: string, message: string) => Promise.reject(Object.assign(new Error(message), { name }));
  if (runId?.includes('~')) return named('ServiceError', 'Invalid RunId.');
  if (runId === UNKNOWN) return named('WorkflowNotFoundError', 'workflow not found');
  const name = runId === OVER ? 'TERMINATED' : runId === undefined ? (newest[workflowId] ?? 'RUNNING') : 'RUNNING';
  return Promise.resolve({ runId: runId ?? AT_WORK, raw: {}, status: { name } });
}

/** How the newest run of each workflow stands. */
let newest: Record<string, string>;
beforeEach(() => {
  newest = {};
});

function sweep(unfinished: readonly EffectKey[]) {
  const dropped: string[] = [];
  const ledger: Partial<Ledger> = {
    unfinished: async () => [...unfinished],
    dropTurns: async (repository, key) => void dropped.push(`${repository} ${effectKey(key)}`),
  };
  const input = { payloads: [defaultPayloadConverter.toPayload({ repository: REPOSITORY })] };
  const history = { events: [{ workflowExecutionStartedEventAttributes: { input } }] };
  const client = {
    workflow: {
      list: async function* () {
        yield { workflowId: 'shop', runId: OVER };
      },
      getHandle: (workflowId: string, runId?: string) => ({ describe: () => describe(workflowId, runId) }),
    },
    workflowService: { getWorkflowExecutionHistory: async () => ({ history }) },
    withAbortSignal: (_: AbortSignal, work: () => unknown) => work(),
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
  } as unknown as Client;
  const { dropLeftTurns } = createJanitorActivities({ ledger: ledger as Ledger });
  const environment = new MockActivityEnvironment(undefined, { client });
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

test('what a session left is for its next run to take up, until a run of it has come to its end', async () => {
  const left = call(`nightly~${'0'.repeat(32)}`, 'design');
  const taken = [`${REPOSITORY} ${effectKey(left)}`];
  for (const name of ['RUNNING', 'TERMINATED', 'CANCELLED', 'FAILED']) {
    newest = { shop: name, 'shop/login': name };
    expect(await sweep([left])).toEqual([]);
  }
  newest = { shop: 'COMPLETED', 'shop/login': 'TERMINATED' };
  expect(await sweep([left])).toEqual(taken);
  newest = { shop: 'RUNNING', 'shop/login': 'COMPLETED' };
  expect(await sweep([left])).toEqual(taken);
});
