// What a run shows before it knows its repository and its pipeline: a query is answered from the first moment.
import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { searchAttributes } from '../domain/names';
import { statusMarkdown, type Status, type Waiting } from '../domain/status';
import { noUsage } from '../domain/usage';
import type { Desk } from './desk';
import { status } from './messages';

export type CalledOff = { outcome: 'abandoned'; reason: string };
export type Announcement = Pick<Status, 'kind' | 'title' | 'repository' | 'pipeline'>;

export class Opening {
  #waitingFor?: Waiting;
  #end?: CalledOff;

  constructor(
    private readonly about: Announcement,
    readonly desk: Desk,
    readonly runId = workflowInfo().runId,
  ) {
    setHandler(status, () => this.status());
    this.#show();
  }

  /** What stands in the way, or nothing any more. */
  waits(waitingFor: Waiting | undefined): void {
    this.#waitingFor = waitingFor;
    this.#show();
    label(workflowInfo().workflowId.split('/')[0]!, this.status());
  }

  /** It has ended before it began. */
  end(end: CalledOff): void {
    this.#end = end;
    this.waits(undefined);
  }

  status(): Status {
    const { workflowId, startTime } = workflowInfo();
    return {
      ...this.about,
      id: workflowId,
      runId: this.runId,
      branch: '',
      state: this.#end?.outcome ?? (this.#waitingFor === undefined ? 'running' : 'waiting'),
      ...(this.#end !== undefined && { reason: this.#end.reason }),
      ...(this.#waitingFor !== undefined && { waitingFor: this.#waitingFor }),
      stages: [],
      milestones: [],
      usage: noUsage,
      startedAt: startTime.toISOString(),
      decisions: this.desk.summary,
    };
  }

  #show(): void {
    const doing = this.#end === undefined ? `\n\nOpening ${this.about.repository.replace(/[`<>]/g, ' ')} …` : '';
    setCurrentDetails(`${statusMarkdown(this.status())}${doing}`);
  }
}

const keys = {
  project: defineSearchAttributeKey(searchAttributes.project, 'KEYWORD'),
  state: defineSearchAttributeKey(searchAttributes.state, 'KEYWORD'),
  waitingFor: defineSearchAttributeKey(searchAttributes.waitingFor, 'KEYWORD'),
};

/** What a run is found by in Temporal's lists. */
export function label(project: string, { state, waitingFor }: Pick<Status, 'state' | 'waitingFor'>): void {
  upsertSearchAttributes([
    { key: keys.project, value: project },
    { key: keys.state, value: state },
    { key: keys.waitingFor, value: waitingFor?.for ?? null },
  ]);
}
