// The checker of trials is tested as it will be used: it accepts a trial that really took place, and rejects the same trial once
// somebody has tampered with what one side recorded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { check, invariants, inWords, type Violation } from '../../scripts/trial/check';
import { replays } from '../../scripts/trial/invariants/replays';
import { readEvidence } from '../../scripts/trial/evidence';
import { openGround, type Ground } from '../../scripts/trial/ground';
import type { HistoryEvent } from '../../scripts/trial/history';
import type { ProcessEntry } from '../../scripts/trial/processes';
import { runTrial, type Tried } from '../../scripts/trial/trial';
import { cacheFolder } from '../../src/adapters/provision/cache';
import { workflowBundle } from '../../src/workers/workflow-bundle';
import { canary, completedOf, Copy, eventsOf, payload, type Scheduled } from './tampering';

const NAME = 'checked';
const own = mkdtempSync(join(tmpdir(), 'millwright-checked-'));
let ground: Ground;
let tried: Tried;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  ground = await openGround([NAME]);
  tried = await runTrial(ground, { name: NAME });
}, 600_000);
afterAll(async () => {
  await ground.close();
  rmSync(own, { recursive: true, force: true });
});

const bundles = async () => [await workflowBundle(cacheFolder())];
let copies = 0;
const copied = () => new Copy(tried.folder, join(own, `${++copies}`));

test('a milestone that was delivered in peace breaks nothing', async () => {
  expect(tried).toMatchObject({ faults: [], hung: false });
  expect((await check(readEvidence(tried.folder), await bundles())).map(inWords)).toEqual([]);
});

// ── tampering ───────────────────────────────────────────────────────────────────────────────────────────────────

const UNSAID = /checked\/milestone stands merged on main as \w+, and no run says so/;
const ABANDONED = { result: { payloads: [payload({ outcome: 'abandoned', reason: 'nobody wanted it' })] } };

/** What a run ended with is another end. */
const endInstead = (how: string, attributes: object) => (events: HistoryEvent[]) => {
  const { eventId, eventTime } = events.pop()!;
  const name = `workflowExecution${how[0]}${how.slice(1).toLowerCase()}EventAttributes`;
  events.push({ eventId, eventTime, eventType: `EVENT_TYPE_WORKFLOW_EXECUTION_${how}`, [name]: attributes });
};

const tampered: [Violation['invariant'], string, RegExp, (copy: Copy) => void][] = [
  [
    'I1',
    'a candidate that was merged twice',
    /merged 2 times/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', copy.like('main', 'main main^2'));
    },
  ],
  [
    'I1',
    'an effect that was left twice',
    /the effect \S+ in \S+ was left 2 times/,
    (copy) => {
      copy.git('update-ref', copy.ledger, copy.like(copy.ledger, copy.ledger));
    },
  ],
  [
    'I1',
    'a merge that was said and never made',
    /says it merged \w+, which is not on main/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', 'main^1');
    },
  ],
  ['I1', 'a merge that no run says', UNSAID, (copy) => copy.history(endInstead('COMPLETED', ABANDONED))],
  [
    'I1',
    'a merge that a run says in no life of its own, once it was reset',
    UNSAID,
    (copy) => {
      copy.formerLife(endInstead('TERMINATED', {}));
      copy.history(endInstead('COMPLETED', ABANDONED));
    },
  ],
  [
    'I2',
    'a commit that somebody pushed to the base',
    /is no merge of the gate/,
    (copy) => {
      copy.git(
        'update-ref',
        'refs/heads/main',
        copy.git('commit-tree', '-p', 'main', '-m', 'quick fix', 'main^{tree}'),
      );
    },
  ],
  [
    'I2',
    'a tree that is not what was tested',
    /has the tree \w+, and merging its parents makes/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/main', copy.like('main', 'main^@', 'main^1^{tree}'));
    },
  ],
  [
    'I2',
    'an approval that nobody sent',
    /approved by nobody/,
    (copy) =>
      copy.history((events) => {
        events.splice(events.indexOf(eventsOf(events, 'WORKFLOW_EXECUTION_SIGNALED')[0]!), 1);
      }),
  ],
  [
    'I2',
    'tests that were red',
    /only red test runs/,
    (copy) =>
      copy.history((events) => {
        const completed = completedOf(events, 'runTests');
        const [result] = completed.result.payloads as { data: string }[];
        completed.result.payloads = [
          payload({ ...JSON.parse(Buffer.from(result!.data, 'base64').toString()), green: false }),
        ];
      }),
  ],
  [
    'I3',
    'an activity that was completed twice',
    /completed callAgent of \S+ 2 times/,
    (copy) =>
      copy.history((events) => {
        const again = (event: HistoryEvent, more: object) =>
          events.push({ ...event, eventId: `${events.length + 1}`, ...more });
        const scheduled = eventsOf(events, 'ACTIVITY_TASK_SCHEDULED').find((event) =>
          JSON.stringify(event).includes('callAgent'),
        )!;
        again(scheduled, {});
        const scheduledEventId = `${events.length}`;
        const completed = completedOf(events, 'callAgent');
        again(eventsOf(events, 'ACTIVITY_TASK_COMPLETED')[0]!, {
          activityTaskCompletedEventAttributes: { ...completed, scheduledEventId },
        });
      }),
  ],
  [
    'I3',
    'a model that was paid twice for one turn',
    /was paid 2 times for/,
    (copy) => copy.calls((calls) => calls.push({ ...calls[0]! })),
  ],
  [
    'I3',
    'a finished turn that was asked again',
    /turn 1 was asked again after turn 2/,
    (copy) => copy.calls((calls) => calls.splice(2, 0, { ...calls[0]!, repeated: true })),
  ],
  [
    'I3',
    'tokens that no ledger has',
    /the ledger has \d+ output tokens, the model server's log \d+/,
    (copy) => copy.calls((calls) => (calls[0]!.outputTokens += 1)),
  ],
  [
    'I3',
    'work that the ledger lost',
    /relies on \S+ of \S+ \S+ \S+ at \w+, which no ledger holds/,
    (copy) => {
      copy.git('update-ref', copy.ledger, `${copy.ledger}~3`);
    },
  ],
  [
    'I4',
    'a run that stands still without a word',
    /has neither ended nor a reason/,
    (copy) => {
      copy.history(
        (events) =>
          void events.splice(
            events.findIndex(({ eventType }) => eventType.endsWith('EXECUTION_COMPLETED')),
            1,
          ),
      );
      copy.trial((trial) => (trial.ended = new Date(Date.parse(trial.ended) + 60_000).toISOString()));
    },
  ],
  [
    'I4',
    'a run that Temporal never heard of',
    /has no history of it/,
    (copy) => copy.trial((trial) => trial.started.push('lost')),
  ],
  [
    'I5',
    'a secret in the history',
    /the history of checked holds a secret/,
    (copy) => {
      copy.trial((trial) =>
        copy.history((events) => {
          completedOf(events, 'callAgent').result.payloads.push(payload({ summary: `the key is ${canary(trial)}` }));
        }),
      );
    },
  ],
  [
    'I5',
    'a secret in an object that nothing reaches',
    /an object of the repository holds a secret/,
    (copy) =>
      copy.trial((trial) => {
        writeFileSync(join(copy.folder, 'note'), canary(trial));
        copy.git('hash-object', '-w', join(copy.folder, 'note'));
      }),
  ],
  [
    'I5',
    'a secret that a model was told',
    /the model was told a secret/,
    (copy) =>
      copy.trial((trial) => copy.calls(([call]) => (call!.messages = [{ role: 'user', content: canary(trial) }]))),
  ],
  [
    'I5',
    'a sandbox that reached the host',
    /1 connections reached the host/,
    (copy) => copy.trial((trial) => (trial.packets = 1)),
  ],
  [
    'I6',
    'a process that outlives the trial',
    /process 99999 is left: git push/,
    (copy) =>
      copy.trial(({ sessions, folder }) =>
        copy.json<{ after: ProcessEntry[] }>('processes.json', ({ after }) => {
          after.push({ pid: 99_999, parent: 1, session: sessions[0]!, started: 1, command: 'git push', folder });
        }),
      ),
  ],
  [
    'I6',
    "a sandbox's folder",
    /scratch\/millwright-1-abcdef is left/,
    (copy) => copy.json<string[]>('leftovers.json', (leftovers) => void leftovers.push('scratch/millwright-1-abcdef')),
  ],
  [
    'I6',
    'a lock in the repository',
    /the lock refs\/heads\/main\.lock is left/,
    (copy) => writeFileSync(join(copy.repository, 'refs/heads/main.lock'), ''),
  ],
  [
    'I6',
    'turns that nobody needs any more',
    /the temporary ref refs\/millwright-turns\/\S+ is left/,
    (copy) => {
      copy.git('update-ref', 'refs/millwright-turns/checked/milestone/specify/1', copy.ledger);
    },
  ],
  [
    'I7',
    'a history that this code would not have made',
    /does not replay/,
    (copy) =>
      copy.history((events) => {
        const [, event] = eventsOf(events, 'ACTIVITY_TASK_SCHEDULED') as unknown as Scheduled[];
        event!.activityTaskScheduledEventAttributes.activityType.name = 'callAnything';
      }),
  ],
  [
    'I8',
    'a list that says something else',
    /is merged, and is listed as running/,
    (copy) => copy.seen(({ attributes }) => (attributes.MillwrightState = 'running')),
  ],
  [
    'I8',
    'an exit code that says something else',
    /the exit code of .* is 6, not 0/,
    (copy) => copy.seen((seen) => (seen.exitCode = 6)),
  ],
  [
    'I8',
    'an exit code that calls a terminated run well',
    /is terminated, and the exit code of .* is 0, not 6/,
    (copy) => copy.history(endInstead('TERMINATED', {})),
  ],
  ['I8', 'a panel that says nothing', /its panel does not say so/, (copy) => copy.seen((seen) => (seen.details = ''))],
];

test.each(tampered)('%s does not hold with %s', async (invariant, _, words, tamper) => {
  const copy = copied();
  tamper(copy);
  const evidence = readEvidence(copy.folder);
  const found = invariant === 'I7' ? await replays(evidence, await bundles()) : invariants[invariant](evidence);
  expect(found.join('\n')).toMatch(words);
});

// In a process of its own, as chaos is one: jest has its own way with what is read of errors.
const JUDGES = `
  const { readEvidence } = require('./scripts/trial/evidence');
  const { replays } = require('./scripts/trial/invariants/replays');
  const [, folder, codePath] = process.argv;
  const judge = async () => {
    const words = await replays(readEvidence(folder), [{ codePath }]);
    if (words.length > 0) throw new Error(words.join());
    return process.memoryUsage().external;
  };
  (async () => {
    const first = await judge();
    for (let trial = 0; trial < 10; trial++) await judge();
    console.log(JSON.stringify((await judge()) - first));
    process.exit(0);
  })();`;

test('hundreds of trials can be judged in one process: what one has taken in memory does not stay', async () => {
  const [{ codePath }] = (await bundles()) as [{ codePath: string }];
  const args = ['--require', 'tsx/cjs', '-e', JUDGES, tried.folder, codePath];
  const grown = execFileSync(process.execPath, args, { cwd: join(__dirname, '../..'), encoding: 'utf8' });
  expect(JSON.parse(grown)).toBeLessThan(20e6);
});

test('a trial without one of its records is no trial', () => {
  const copy = copied();
  rmSync(join(copy.folder, 'model.jsonl'));
  expect(() => readEvidence(copy.folder)).toThrow('is no whole trial: model.jsonl is missing');
});
