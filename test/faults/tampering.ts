// A recorded trial, copied to be tampered with: in what Temporal, git, the model server or the kernel had recorded.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen, Trial } from '../../scripts/trial/evidence';
import type { Exported, HistoryEvent } from '../../scripts/trial/history';
import type { LoggedCall } from '../../scripts/scripted-model/journal';
import { git } from '../adapters/git/ground';

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

  calls(edit: (calls: LoggedCall[]) => void): void {
    const file = join(this.folder, 'model.jsonl');
    const calls = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LoggedCall);
    edit(calls);
    writeFileSync(file, calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
  }

  git = (...args: string[]): string => git(this.repository, ...args);

  /** Another commit with the words and the parents of this one. */
  like(commit: string, parents = `${commit}^@`, tree = `${commit}^{tree}`): string {
    const given = this.git('rev-parse', ...parents.split(' '))
      .split('\n')
      .flatMap((parent) => ['-p', parent]);
    return this.git(
      'commit-tree',
      ...given,
      '-m',
      this.git('log', '-1', '--format=%B', commit),
      this.git('rev-parse', tree),
    );
  }

  get ledger(): string {
    return this.git('for-each-ref', '--format=%(refname)', 'refs/millwright/');
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
