// What the engine must do, told a second time: from the pipeline and from what was handed in alone, without a look at the engine's state.
import type { Handoff } from '../../src/domain/handoff';
import { downstream, stageNames, type Pipeline } from '../../src/domain/pipeline';

/** The only condition in these pipelines that does not hold. */
export const NEVER = '1 > 2';

export type Outcome = Pick<Handoff, 'status' | 'confidence' | 'cause' | 'fingerprint'>;
type Failure = { status: 'rework' | 'blocked'; cause?: string; fingerprint?: string };

export class EngineModel {
  readonly #over = new Map<string, 'done' | 'skipped'>();
  readonly #running = new Map<string, number>();
  readonly #starts = new Map<string, number>();
  /** How often a stage has sent work back since a person last gave it all its rounds, and why it did so last. */
  readonly #sent = new Map<string, number>();
  readonly #sentWith = new Map<string, string | undefined>();
  readonly #failures = new Map<string, Failure>();
  #stuck: { stage: string; cause: string }[] = [];
  #ended?: string;
  /** What happened, for a test that wants to know that it has seen everything. */
  readonly seen = new Map<string, number>();

  constructor(readonly pipeline: Pipeline) {}

  get ended(): string | undefined {
    return this.#ended ?? (stageNames(this.pipeline).every((name) => this.#over.has(name)) ? 'complete' : undefined);
  }

  get waitsForPerson(): boolean {
    return this.#stuck.length > 0;
  }

  passed(stage: string): boolean {
    return this.#over.get(stage) === 'done';
  }

  ready(): string[] {
    if (this.waitsForPerson || this.ended !== undefined) return [];
    const idle = (name: string) => !this.#over.has(name) && !this.#running.has(name);
    const met = (name: string) => this.pipeline.stages[name]!.needs.every((need) => this.#over.has(need));
    return stageNames(this.pipeline).filter((name) => idle(name) && met(name));
  }

  skipUnneeded(): void {
    const next = this.ready().find((name) => this.pipeline.stages[name]!.when === NEVER);
    if (next === undefined) return;
    this.#over.set(next, 'skipped');
    this.skipUnneeded();
  }

  start(stage: string): number {
    const iteration = (this.#starts.get(stage) ?? 0) + 1;
    this.#starts.set(stage, iteration);
    this.#running.set(stage, iteration);
    return iteration;
  }

  settle(stage: string, iteration: number, outcome: Outcome, demanded: number): void {
    if (this.#running.get(stage) !== iteration || this.#ended !== undefined) return this.#note('late');
    this.#running.delete(stage);
    const failure = failureIn(outcome, demanded);
    if (failure !== undefined) return this.#fall(stage, failure);
    this.#over.set(stage, 'done');
    this.#sentWith.delete(stage);
  }

  guide(): void {
    const { stage } = this.#stuck[0]!;
    const failure = this.#failures.get(stage)!;
    const route = this.#route(stage, failure);
    const back = failure.status === 'rework' ? this.pipeline.stages[stage]!.onRework?.to : undefined;
    const to = route !== undefined && this.pipeline.stages[route] !== undefined ? route : (back ?? stage);
    this.#stuck.shift();
    this.#renew(to);
    this.#void(to);
    this.#note('guided');
  }

  /** `alone`: nothing that is merged needs the stage. */
  skip(alone: (stage: string) => boolean): void {
    const { stage } = this.#stuck[0]!;
    if (!alone(stage)) return this.#end('skipped');
    this.#stuck.shift();
    this.#over.set(stage, 'skipped');
    this.#note('left out');
  }

  abandon(): void {
    this.#end('abandoned');
  }

  /** Everything that the engine can be asked about, in words that can be compared. */
  standing(): string {
    const stages = stageNames(this.pipeline).map((name) => {
      const status = this.#over.get(name) ?? (this.#running.has(name) ? 'running' : 'waiting');
      return `${name} ${status} ${this.#starts.get(name) ?? 0}`;
    });
    const stuck = this.#stuck.map(({ stage, cause }) => `${stage} is stuck: ${cause}`);
    return [...stages, ...stuck, this.ended ?? 'under way'].join('\n');
  }

  #fall(stage: string, failure: Failure): void {
    const { onRework: rework, approval } = this.pipeline.stages[stage]!;
    const { cause = failure.status, fingerprint } = failure;
    const to = this.#route(stage, failure);
    this.#failures.set(stage, failure);
    if (to === 'fail') return this.#end('failed');
    if (rework === undefined || to === undefined || to === 'escalate') return this.#ask(stage, cause);
    if (fingerprint !== undefined && this.#sentWith.get(stage) === fingerprint)
      return this.#ask(stage, 'unchanged-failure');
    const rounds = this.#sent.get(stage) ?? 0;
    if (rounds === rework.max) return rework.then === 'fail' ? this.#end('failed') : this.#ask(stage, 'cap');
    if (approval !== undefined) {
      this.#renew(to);
      this.#note('changes asked for');
    }
    this.#sent.set(stage, rounds + 1);
    if (fingerprint !== undefined) this.#sentWith.set(stage, fingerprint);
    this.#void(to);
    this.#note('sent back');
  }

  #route(stage: string, { status, cause = '' }: Failure): string | undefined {
    const rework = this.pipeline.stages[stage]!.onRework;
    return rework?.except[cause] ?? (status === 'rework' ? rework?.to : undefined);
  }

  /** A person has spoken: all that comes after has all its rounds again. */
  #renew(to: string): void {
    for (const name of [to, ...downstream(this.pipeline, to)]) {
      this.#sent.delete(name);
      this.#sentWith.delete(name);
    }
  }

  #void(to: string): void {
    const voided = new Set([to, ...downstream(this.pipeline, to)]);
    for (const name of voided) {
      this.#over.delete(name);
      this.#running.delete(name);
    }
    this.#stuck = this.#stuck.filter(({ stage }) => !voided.has(stage));
  }

  #ask(stage: string, cause: string): void {
    this.#stuck.push({ stage, cause });
    this.#note(cause);
  }

  #end(how: string): void {
    this.#ended = how;
  }

  #note(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

function failureIn({ status, cause, fingerprint, confidence }: Outcome, demanded: number): Failure | undefined {
  if (status !== 'ok') return { status, cause, fingerprint };
  return confidence < demanded ? { status: 'blocked', cause: 'low-confidence', fingerprint } : undefined;
}
