// One run of a pipeline as it stands: the engine's state, the commits it is about, and what it shows to people.
import {
  getExternalWorkflowHandle,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Acceptance } from '../domain/acceptance';
import { abridged, evaluated } from '../domain/attempts';
import { emptyBoard, type Board } from '../domain/board';
import type { Definition } from '../domain/definition';
import { begin, type EngineState } from '../domain/engine';
import type { ArtifactRef, Fact, Facts, Handoff } from '../domain/handoff';
import type { EffectKey, Place } from '../domain/names';
import type { Pipeline, Stage } from '../domain/pipeline';
import type { Claim } from '../domain/payment';
import type { Limits, MilestoneResult } from '../domain/schedule';
import { stageStatuses, statusMarkdown, type StageTimes, type Status, type Waiting } from '../domain/status';
import type { Assembly, Common, MilestoneBrief, RecordTask } from '../domain/tasks';
import { addUsage, noUsage, type Usage } from '../domain/usage';
import { label } from './announce';
import type { TakenUp } from './continuing';
import type { Desk } from './desk';
import { sentAnyway } from './errands';
import { milestoneReport, status } from './messages';
import type { MilestoneBook } from './milestone-book';
import { purseOf, type Purse } from './purse';

export type Subject = {
  place: Place;
  title: string;
  repository: string;
  branch: string;
  base: string;
  definition: Definition;
  pipeline: Pipeline;
  approvers: readonly string[];
  /** The user's own tests, and how much of them is demanded here. */
  acceptance?: Acceptance;
  limits: Limits;
  /** What `when` may look at besides the stages' facts. */
  known: Facts;
  milestone?: MilestoneBrief;
  /** The run whose work this one takes over, where it does. */
  session?: string;
  /** Its decisions must be signed. */
  signed?: true;
  /** Its project pays for its calls. */
  budgeted?: boolean;
};

/** How a run stands, for its next history. */
export type RunState = Pick<Run, 'state' | 'base' | 'assembled' | 'board'> & {
  admitted?: readonly string[];
  known?: Record<string, string>;
  waits: [waiter: string, waiting: Waiting][];
  times: Record<string, StageTimes>;
  usage: Record<string, Usage>;
  startedAt: string;
  unpaid: readonly Claim[];
};

/** What tests have to show beyond being green. */
export const demandedOf = ({ coverage }: Stage, { acceptance }: Pick<Subject, 'acceptance'>) => ({
  ...(coverage !== undefined && { coverage }),
  ...(acceptance && { acceptance }),
});

export const admittedIn = ({ admitted }: Run) => (admitted.length > 0 ? { admitted } : {});

export class Run {
  state: EngineState;
  base: string;
  /** The candidate as it stands, and what it was made of. */
  assembled?: Pick<Assembly, 'candidate' | 'protectedPaths' | 'unlocked'> & { of: string };
  /** New dependencies that a person has let in, whatever becomes of the candidate; and what is known of them. */
  admitted: readonly string[] = [];
  readonly known: Record<string, string> = {};
  /** What is shared of this run, brought up to date at every handoff. */
  board: Board;
  posted: Promise<unknown> = Promise.resolve();
  posting = 0;
  /** Of the first history: by it all of its effects are known. */
  readonly runId: string;
  readonly milestones: MilestoneBook;
  /** Where what may be spent is limited. */
  readonly purse?: Purse;
  /** Stages that were at work when an earlier history ended. */
  readonly atWork: Set<string>;
  /** Stages that only wait for somebody: nothing of theirs is lost where the history ends. */
  readonly resting = new Set<string>();
  readonly #waits: Map<string | symbol, Waiting>;
  readonly #times: Record<string, StageTimes>;
  readonly #usage: Record<string, Usage>;
  readonly #startedAt: string;
  #result?: MilestoneResult;
  #endedAt?: string;
  #shown = '';
  #showing = false;
  #told?: Promise<void>;
  #toldAt = 0;

  constructor(
    readonly subject: Subject,
    readonly desk: Desk,
    { runId, milestones, stood: kept }: TakenUp,
  ) {
    const { waits = [], times = {}, usage = {}, startedAt = now(), unpaid = [], ...stood } = kept ?? {};
    this.runId = runId;
    this.milestones = milestones;
    this.state = begin(subject.pipeline);
    this.base = subject.base;
    this.board = emptyBoard(subject.place, subject.pipeline);
    Object.assign(this, stood);
    this.#waits = new Map(waits);
    this.#times = times;
    this.#usage = usage;
    this.atWork = new Set(
      Object.keys(this.state.stages).filter((name) => this.state.stages[name]!.status === 'running'),
    );
    this.#startedAt = startedAt;
    this.purse = purseOf(this, unpaid);
    setHandler(status, () => this.status());
    desk.onRecord = (accepted) => (accepted ? this.show() : this.#showSoon());
  }

  get candidate(): string | undefined {
    return this.assembled?.candidate;
  }

  key(stage: string, iteration: number, part?: string): EffectKey {
    const { runId } = this;
    return { ...this.subject.place, runId, stage, iteration, ...(part !== undefined && { part }) };
  }

  /** What a stage handed over, by the kind of its artifact. */
  handoffOf(kind: string): Handoff | undefined {
    return Object.values(this.state.stages).find(({ handoff }) => handoff?.artifact?.kind === kind)?.handoff;
  }

  /** The artifacts of these stages, where they have any. */
  artifactsFrom(stages: readonly string[]): { stage: string; artifact: ArtifactRef }[] {
    return stages.flatMap((stage) => {
      const artifact = this.state.stages[stage]?.handoff?.artifact;
      return artifact === undefined ? [] : [{ stage, artifact }];
    });
  }

  /** Where the work was planned as tasks: what links a failing test to the task that it came from. */
  tasks(): Pick<RecordTask, 'tasks'> {
    const plan = this.handoffOf('TaskPlan')?.artifact;
    const all = this.artifactsFrom(Object.keys(this.state.stages)).map(({ artifact }) => artifact);
    return plan === undefined ? {} : { tasks: { plan, suites: all.filter(({ kind }) => kind === 'TestSuite') } };
  }

  /** A decision field, as pipelines write it: `<stage>.<fact>`. */
  fact(path: string): Fact | undefined {
    const [stage, fact] = path.split('.') as [string, string];
    return this.state.stages[stage]?.handoff?.facts[fact];
  }

  /** The gate is at work, here or for a milestone: the run cannot end before it knows what was merged. */
  get committed(): boolean {
    return this.desk.merging || this.milestones.areAtWork;
  }

  /** What every activity of a stage is told. */
  task(stage: string, iteration: number, part?: string): Common {
    const { repository, session } = this.subject;
    return { key: this.key(stage, iteration, part), repository, at: now(), ...(session !== undefined && { session }) };
  }

  /** All that its next history has to know of it; of what was said to it the desk knows. */
  get kept(): RunState {
    const { base, assembled, board, purse, known } = this;
    return {
      ...{ state: abridged(this.state), base, board, ...(assembled && { assembled }) },
      ...{ ...admittedIn(this), ...(Object.keys(known).length > 0 && { known }) },
      waits: [...this.#waits].filter((wait): wait is [string, Waiting] => typeof wait[0] === 'string'),
      ...{ times: this.#times, usage: this.#usage, startedAt: this.#startedAt, unpaid: purse?.unpaid ?? [] },
    };
  }

  /** While this stage only waits. */
  async rests<T>(stage: string, wait: () => Promise<T>): Promise<T> {
    this.resting.add(stage);
    return wait().finally(() => this.resting.delete(stage));
  }

  started(stage: string): void {
    this.#times[stage] = { startedAt: now() };
  }

  ended(stage: string, usage: Usage): void {
    this.#times[stage] = { startedAt: this.#times[stage]?.startedAt ?? now(), endedAt: now() };
    this.#usage[stage] = addUsage(this.#usage[stage] ?? noUsage, usage);
    this.#waits.delete(stage);
  }

  waits(waiter: string | symbol, waiting: Omit<Waiting, 'since'>): void {
    const before = this.#waits.get(waiter);
    this.#waits.set(waiter, { ...waiting, since: before?.for === waiting.for ? before.since : now() });
    this.show();
  }

  waitsNoMore(waiter: string | symbol): void {
    if (this.#waits.delete(waiter)) this.show();
  }

  /** A milestone has said something of itself. */
  heard(report: unknown): void {
    if (this.milestones.hear(report)) this.show();
  }

  finish(result: MilestoneResult): void {
    this.#result = result;
    this.#endedAt = now();
    this.#waits.clear();
    this.desk.close();
    if ('reason' in result) this.milestones.leave(result.reason);
    this.show();
  }

  /** As it is, or as it is about to be: with its result. */
  status(result = this.#result): Status {
    const { subject, desk } = this;
    const waitingFor = result === undefined ? this.#waitingFor() : undefined;
    return {
      id: workflowInfo().workflowId,
      runId: this.runId,
      ...(subject.session !== undefined && { session: subject.session }),
      kind: subject.milestone === undefined ? 'project' : 'milestone',
      title: subject.title,
      pipeline: subject.pipeline.name,
      repository: subject.repository,
      branch: subject.branch,
      base: this.base,
      ...(this.candidate !== undefined && { candidate: this.candidate }),
      state: result?.outcome ?? (waitingFor === undefined ? 'running' : 'waiting'),
      ...(result !== undefined && 'reason' in result && { reason: result.reason }),
      ...(waitingFor !== undefined && { waitingFor }),
      ...evaluated(this.state),
      ...(subject.pipeline.board !== undefined && { board: this.board }),
      stages: stageStatuses(subject.pipeline, this.state, { times: this.#times, usage: this.#usage, none: noUsage }),
      milestones: this.milestones.statuses,
      usage: addUsage(...Object.values(this.#usage), ...this.milestones.usages),
      ...(desk.account !== undefined && { budget: desk.account.budget }),
      startedAt: this.#startedAt,
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
      decisions: desk.summary,
    };
  }

  /** Brings the Temporal UI, the visibility store and the project up to date, where anything they show has changed. */
  show(): void {
    const current = this.status();
    setCurrentDetails(statusMarkdown(current));
    const { for: reason = '', subject = '', detail = '' } = current.waitingFor ?? {};
    const shown = [current.state, reason, subject, detail].join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (reason === 'guidance') log.warn('a person is needed', { detail });
    label(this.subject.place.project, current);
    this.#tellProject(current);
  }

  /** Once for all that came together. */
  #showSoon(): void {
    if (this.#showing) return;
    this.#showing = true;
    void Promise.resolve().then(() => {
      this.#showing = false;
      this.show();
    });
  }

  #waitingFor(): Waiting | undefined {
    if (this.desk.paused) return { for: 'resume', since: now(), detail: 'paused; `resume` goes on' };
    const [escalation] = this.state.escalations;
    if (escalation !== undefined) {
      const detail = `${escalation.stage} (${escalation.cause}): ${escalation.summary}`;
      return { for: 'guidance', since: this.#times[escalation.stage]?.endedAt ?? now(), detail };
    }
    return [...this.#waits.values()][0];
  }

  /** Once its project has its last word: what a run sends as it ends may never leave. */
  async lastWord(): Promise<void> {
    if (this.#told !== undefined && patched('last-word')) await this.#told;
  }

  #tellProject({ waitingFor, usage }: Status): void {
    const { parent } = workflowInfo();
    if (parent === undefined || this.subject.milestone === undefined) return;
    const over = this.#result !== undefined && { over: true as const };
    this.#toldAt = Math.max(this.#toldAt + 1, Date.now());
    const report = {
      id: this.subject.place.milestone,
      usage,
      told: this.#toldAt,
      ...over,
      ...(waitingFor !== undefined && { waitingFor }),
    };
    // In whatever history it is by now. One that was terminated has left this milestone behind.
    const project = getExternalWorkflowHandle(parent.workflowId);
    this.#told = sentAnyway(() => project.signal(milestoneReport, report)).catch((error: Error) => {
      if (!error.message.includes('not found') || !patched('ends-with-its-project')) return;
      this.desk.command({ kind: 'abandon', by: 'millwright', note: 'its project has ended' });
    });
  }
}

/** Why a run ended that Temporal was told to cancel. */
export const CANCELLED = 'the workflow was cancelled';

export const now = (): string => new Date().toISOString();
