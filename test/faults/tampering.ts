// A recorded trial, copied to be tampered with: in what Temporal, git, the model server or the kernel had recorded.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from '../../scripts/trial/check';
import type { Seen, Trial } from '../../scripts/trial/evidence';
import type { Exported, HistoryEvent } from '../../scripts/trial/history';
import type { LoggedCall } from '../../scripts/scripted-model/journal';
import type { SandboxEntry } from '../../src/adapters/sandbox/logged';
import { git } from '../adapters/git/ground';

/** The invariant, what is done to the trial, what the checker has to say of it, and how it is done. */
export type Tampered = [Violation['invariant'], string, RegExp, (copy: Copy) => void];

export class Copy {
  readonly repository: string;

  constructor(
    recorded: string,
    readonly folder: string,
  ) {
    cpSync(recorded, folder, { recursive: true });
    this.repository = join(folder, 'repository.git');
  }

  json<T>(file: string, edit: (content: T) => void): void {
    const content = JSON.parse(readFileSync(join(this.folder, file), 'utf8')) as T;
    edit(content);
    writeFileSync(join(this.folder, file), JSON.stringify(content));
  }

  history = (edit: (events: HistoryEvent[]) => void) =>
    this.json<Exported>('histories/1.json', ({ events }) => edit(events));
  /** The run was reset: this was its life until then. */
  formerLife(edit: (events: HistoryEvent[]) => void): void {
    cpSync(join(this.folder, 'histories/1.json'), join(this.folder, 'histories/0.json'));
    this.json<Exported>('histories/0.json', (former) => {
      former.runId = `former-${former.runId}`;
      edit(former.events);
      former.events.at(-1)!.eventTime = former.events[0]!.eventTime;
    });
  }

  trial = (edit: (trial: Trial) => void) => this.json('trial.json', edit);
  seen = (edit: (seen: Seen) => void) => this.json<Seen[]>('seen.json', ([seen]) => edit(seen!));

  calls = (edit: (calls: LoggedCall[]) => void) => this.lines('model.jsonl', edit);
  sandbox = (edit: (entries: SandboxEntry[]) => void) => this.lines('sandbox.jsonl', edit);

  lines<T>(name: string, edit: (content: T[]) => void): void {
    const file = join(this.folder, name);
    const content = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
    edit(content);
    writeFileSync(file, content.map((one) => `${JSON.stringify(one)}\n`).join(''));
  }

  git = (...args: string[]): string => git(this.repository, ...args);

  /** Another commit with the words and the parents of this one. */
  like(commit: string, parents = `${commit}^@`, tree = `${commit}^{tree}`, words = (said: string) => said): string {
    const given = this.git('rev-parse', ...parents.split(' '))
      .split('\n')
      .flatMap((parent) => ['-p', parent]);
    return this.git(
      'commit-tree',
      ...given,
      '-m',
      words(this.git('log', '-1', '--format=%B', commit)),
      this.git('rev-parse', tree),
    );
  }

  /** The merge, with other words. */
  merge = (words: (said: string) => string) =>
    this.git('update-ref', 'refs/heads/main', this.like('main', undefined, undefined, words));

  get ledger(): string {
    return this.git('for-each-ref', '--format=%(refname)', 'refs/millwright/');
  }

  /** Its ledger, as if this file had been written otherwise, or never. */
  ledgered(path: string, edit?: (content: Record<string, unknown>) => void): void {
    let before = '';
    for (const entry of this.git('rev-list', '--first-parent', '--reverse', this.ledger).split('\n')) {
      if (this.git('ls-tree', '--name-only', entry, path) === '') {
        before = entry;
        continue;
      }
      const [, ...kept] = this.git('rev-parse', `${entry}^@`).split('\n');
      before = this.like(entry, [before, ...kept].join(' '), this.#treeWith(entry, path, edit));
    }
    this.git('update-ref', this.ledger, before);
  }

  #treeWith(commit: string, path: string, edit?: (content: Record<string, unknown>) => void): string {
    const content = JSON.parse(this.git('cat-file', 'blob', `${commit}:${path}`)) as Record<string, unknown>;
    edit?.(content);
    const blob = this.blob(JSON.stringify(content));
    const change = edit === undefined ? ['--force-remove', path] : ['--cacheinfo', `100644,${blob},${path}`];
    this.git('read-tree', commit);
    this.git('--work-tree=.', 'update-index', ...change);
    return this.git('write-tree');
  }

  /** An object that nothing reaches. */
  blob(content: string, ...how: string[]): string {
    const file = join(this.folder, 'object');
    writeFileSync(file, content);
    return this.git('hash-object', '-w', ...how, file);
  }
}

export const canary = (trial: Trial) => trial.canaries[0]!;
export const eventsOf = (events: HistoryEvent[], type: string) =>
  events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`);
export const payload = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from(JSON.stringify(value)).toString('base64'),
});
type Completed = {
  activityTaskCompletedEventAttributes: { scheduledEventId: string; result: { payloads: unknown[] } };
};
export type Scheduled = { activityTaskScheduledEventAttributes: { activityType: { name: string } } };

export function completedOf(events: HistoryEvent[], type: string): Completed['activityTaskCompletedEventAttributes'] {
  const scheduled = eventsOf(events, 'ACTIVITY_TASK_SCHEDULED').find(
    (event) => (event as unknown as Scheduled).activityTaskScheduledEventAttributes.activityType.name === type,
  )!;
  return eventsOf(events, 'ACTIVITY_TASK_COMPLETED')
    .map((event) => (event as unknown as Completed).activityTaskCompletedEventAttributes)
    .find(({ scheduledEventId }) => scheduledEventId === scheduled.eventId)!;
}

/** The first activity of this type has another result. */
export function answeredInstead<T = Record<string, unknown>>(
  events: HistoryEvent[],
  type: string,
  edit: (result: T) => void,
): void {
  const completed = completedOf(events, type);
  const [given] = completed.result.payloads as { data: string }[];
  const result = JSON.parse(Buffer.from(given!.data, 'base64').toString()) as T;
  edit(result);
  completed.result.payloads = [payload(result)];
}

export const resultOf = (value: unknown) => ({ result: { payloads: [payload(value)] } });
export const ABANDONED = resultOf({ outcome: 'abandoned', reason: 'nobody wanted it' });

/** What a run ended with is another end. */
export const endInstead = (how: string, attributes: object) => (events: HistoryEvent[]) => {
  const { eventId, eventTime } = events.pop()!;
  const name = `workflowExecution${how[0]}${how.slice(1).toLowerCase()}EventAttributes`;
  events.push({ eventId, eventTime, eventType: `EVENT_TYPE_WORKFLOW_EXECUTION_${how}`, [name]: attributes });
};
