// What a trial shows that let something out, left something, or did not say what became of it (I5, I6, I8): each by one record
// that somebody has tampered with.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from '../../../scripts/trial/evidence';
import type { ProcessEntry } from '../../../scripts/trial/processes';
import { ABANDONED, canary, completedOf, endInstead, payload, resultOf, type Tampered } from '../tampering';

const STRANGER: ProcessEntry = { pid: 99_999, parent: 1, session: 1, started: 1, command: 'git push', folder: '/' };
const outlivers: [string, (trial: Trial) => Partial<ProcessEntry>][] = [
  ["of a worker's session", ({ sessions }) => ({ session: sessions[0]! })],
  ['in its folder', ({ folder }) => ({ folder: `${folder}/machine` })],
  ['with its folder in its command', ({ folder }) => ({ command: `git push ${folder}/target.git` })],
];

export const traces: Tampered[] = [
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
        copy.blob(canary(trial));
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
    'I5',
    'a secret in the history that is no payload',
    /the history of checked holds a secret/,
    (copy) => copy.trial((trial) => copy.history(([event]) => (event!.note = `the key is ${canary(trial)}`))),
  ],
  [
    'I5',
    "a secret in a worker's log",
    /logs\/worker-1.log holds a secret/,
    (copy) => copy.trial((trial) => appendFileSync(join(copy.folder, 'logs/worker-1.log'), canary(trial))),
  ],
  [
    'I5',
    'a secret in base64',
    /logs\/worker-1.log holds a secret/,
    (copy) =>
      copy.trial((trial) =>
        appendFileSync(join(copy.folder, 'logs/worker-1.log'), Buffer.from(canary(trial)).toString('base64')),
      ),
  ],
  [
    'I5',
    'the other secret',
    /logs\/worker-1.log holds a secret/,
    (copy) => copy.trial((trial) => appendFileSync(join(copy.folder, 'logs/worker-1.log'), trial.canaries[1]!)),
  ],
  [
    'I5',
    'a secret that a command in a sandbox was given',
    /a command in a sandbox was given a secret/,
    (copy) =>
      copy.trial((trial) =>
        copy.sandbox(([entry]) => Object.assign(entry!, { command: ['node', `--token=${canary(trial)}`] })),
      ),
  ],
  [
    'I5',
    'a secret in the panel',
    /the panel of checked shows a secret/,
    (copy) => copy.trial((trial) => copy.seen((seen) => (seen.details += canary(trial)))),
  ],
  ['I5', 'no secret that could be found', /it shows nothing/, (copy) => copy.trial((trial) => (trial.canaries = []))],
  [
    'I5',
    'a call of which nobody knows what was said',
    /of 1 calls nobody knows what the model was told: it shows nothing/,
    (copy) => copy.calls(([call]) => delete call!.messages),
  ],
  ...outlivers.map(([whose, of]): Tampered => [
    'I6',
    `a process that outlives the trial, ${whose}`,
    /process 99999 is left: git push/,
    (copy) =>
      copy.trial((trial) =>
        copy.json<{ after: ProcessEntry[] }>('processes.json', ({ after }) => {
          after.push({ ...STRANGER, ...of(trial) });
        }),
      ),
  ]),
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
    'I6',
    'a candidate that is merged',
    /the temporary ref refs\/heads\/millwright\/checked\/milestone is left/,
    (copy) => {
      copy.git('update-ref', 'refs/heads/millwright/checked/milestone', 'main^2');
    },
  ],
  [
    'I6',
    'an object that was half written',
    /git fsck complains of the repository: error/,
    (copy) => {
      copy.blob(`tree ${copy.git('rev-parse', 'main^{tree}')}\n`, '-t', 'commit', '--literally');
    },
  ],
  [
    'I6',
    'the same in the mirror of a worker',
    /git fsck complains of homes\/1\/sums\.git: error in commit/,
    (copy) =>
      copy.json<Record<string, string>>('mirrors.json', (mirrors) => {
        mirrors['homes/1/sums.git'] = 'error in commit 0: bad';
      }),
  ],
  [
    'I6',
    'mirrors that nobody looked at',
    /no mirror of its workers was looked at/,
    (copy) =>
      copy.json<Record<string, string>>('mirrors.json', (mirrors) => {
        for (const name of Object.keys(mirrors)) delete mirrors[name];
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
  [
    'I8',
    'a run that nobody looked at',
    /nobody looked at what checked shows/,
    (copy) => copy.json<unknown[]>('seen.json', (seen) => void seen.pop()),
  ],
  [
    'I8',
    'a run that is over, and is listed as waiting',
    /is listed as waiting for approval, and waits for nothing/,
    (copy) => copy.seen(({ attributes }) => (attributes.MillwrightWaitingFor = 'approval')),
  ],
  [
    'I8',
    'an end without a reason',
    /is abandoned, and says no reason/,
    (copy) => copy.history(endInstead('COMPLETED', resultOf({ outcome: 'abandoned' }))),
  ],
  [
    'I8',
    'a reason that the panel does not say',
    /is abandoned, and its panel does not say why: nobody wanted it/,
    (copy) => copy.history(endInstead('COMPLETED', ABANDONED)),
  ],
  [
    'I8',
    'a failure without a type',
    /failed, and its failure has no type/,
    (copy) => copy.history(endInstead('FAILED', { failure: { message: 'oh' } })),
  ],
];
