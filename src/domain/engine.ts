// The engine: what a pipeline does next, as pure functions over one plain state. It knows nothing of Temporal, agents or git.
import { evaluateWhen, nameOfKind, valuesIn } from './condition';
import { isJudgement, summarize, type Facts, type Feedback, type Handoff } from './handoff';
import { leadsToMerge } from './definition';
import { downstream, stageNames, upstream, type Pipeline } from './pipeline';

export type StageState = {
  status: 'waiting' | 'running' | 'done' | 'skipped';
  /** How often it has been started; names the run whose result counts. */
  iteration: number;
  /** Its result, once done. */
  handoff?: Handoff;
  /** Its last piece of work: when it comes back, that is corrected instead of starting over. */
  work?: Handoff;
  /** Its last result that was not ok: where a person's guidance goes depends on it. */
  verdict?: Handoff;
  /** What came of each of its rounds, in order. */
  rounds: readonly Round[];
  /** What it is told when the work comes back to it. */
  feedback: readonly Feedback[];
  /** How often it has sent work back, and the failure that it named last. */
  reworks: number;
  fingerprint?: string;
  skipped?: { expression: string; values: Facts };
};

export type Round = { iteration: number; handoff: Handoff };

export type Escalation = { stage: string; cause: string; summary: string };
export type Ending =
  { how: 'complete' } | { how: 'skipped' | 'abandoned' | 'failed'; reason: string; cause?: 'failed_after_retries' };

export type EngineState = {
  readonly stages: Readonly<Record<string, StageState>>;
  /** What waits for a person, the first first. While there is any, nothing new starts. */
  readonly escalations: readonly Escalation[];
  readonly ended?: Ending;
};

export function begin(pipeline: Pipeline): EngineState {
  const fresh: StageState = { status: 'waiting', iteration: 0, rounds: [], feedback: [], reworks: 0 };
  return { stages: Object.fromEntries(stageNames(pipeline).map((name) => [name, fresh])), escalations: [] };
}

/** The stages that may start now: all they need has ended, and nobody is being waited for. */
export function ready(pipeline: Pipeline, state: EngineState): string[] {
  if (state.escalations.length > 0 || state.ended !== undefined) return [];
  const over = (name: string) => ['done', 'skipped'].includes(state.stages[name]!.status);
  return stageNames(pipeline).filter(
    (name) => state.stages[name]!.status === 'waiting' && pipeline.stages[name]!.needs.every(over),
  );
}

export function start(state: EngineState, stage: string): EngineState {
  const before = state.stages[stage]!;
  return put(state, stage, { ...before, status: 'running', iteration: before.iteration + 1 });
}

/** Skips what is ready and whose `when` is false, remembering the expression and the values it saw. */
export function skipUnneeded(pipeline: Pipeline, state: EngineState, known: Facts): EngineState {
  const [next] = ready(pipeline, state).flatMap((name) => {
    const expression = pipeline.stages[name]!.when;
    if (expression === undefined) return [];
    const verdict = evaluateWhen(expression, { ...known, ...factsSoFar(state) });
    return verdict === true ? [] : [{ name, expression, verdict }];
  });
  if (next === undefined) return state;
  const after =
    next.verdict === false
      ? put(state, next.name, {
          ...state.stages[next.name]!,
          status: 'skipped',
          skipped: {
            expression: next.expression,
            values: valuesIn(next.expression, { ...known, ...factsSoFar(state) }),
          },
        })
      : escalate(state, {
          stage: next.name,
          cause: 'when',
          summary: `"${next.expression}" has no answer: ${next.verdict}`,
        });
  return skipUnneeded(pipeline, after, known);
}

type Result = {
  stage: string;
  iteration: number;
  handoff: Handoff;
  /** What is demanded of it. */
  confidence: number;
  /** What `success` may look at besides the stages' facts. */
  known?: Facts;
};

/** What a finished run of a stage changes. The result of a run that has been voided meanwhile changes nothing. */
export function settle(pipeline: Pipeline, state: EngineState, result: Result): EngineState {
  const { stage, handoff } = result;
  const before = state.stages[stage]!;
  const { iteration } = before;
  if (before.status !== 'running' || iteration !== result.iteration || state.ended !== undefined) return state;
  const work = handoff.artifact === undefined ? before.work : handoff;
  const failure = failureIn(pipeline, state, result);
  const run = { ...before, rounds: [...before.rounds, { iteration, handoff: failure ?? handoff }] };
  if (failure !== undefined)
    return fall(pipeline, put(state, stage, { ...run, status: 'waiting', work, verdict: failure }), stage, failure);
  const { fingerprint: _, verdict: __, ...passed } = run;
  const feedback = before.feedback.map((item): Feedback => ({ ...item, heeded: true }));
  return put(state, stage, { ...passed, status: 'done', handoff, work, feedback });
}

const UNSUCCESSFUL = 'unsuccessful';

/** The result where it does not do, whatever it says of itself. */
function failureIn(pipeline: Pipeline, state: EngineState, result: Result): Handoff | undefined {
  const { stage, handoff, confidence, known = {} } = result;
  const { success, passOn = [] } = pipeline.stages[stage]!;
  if (handoff.status === 'rework' && passOn.includes(handoff.cause ?? '')) return undefined;
  if (handoff.status !== 'ok') return handoff;
  const failed = (status: 'rework' | 'blocked', cause: string, why: string): Handoff => ({
    ...handoff,
    ...{ status, cause, summary: summarize(why) },
  });
  if (handoff.confidence < confidence) {
    const why = `confidence ${handoff.confidence} is under ${confidence}: ${handoff.summary}`;
    return failed('blocked', 'low-confidence', why);
  }
  if (success === undefined) return undefined;
  const facts = { ...known, ...factsSoFar(put(state, stage, { ...state.stages[stage]!, handoff })) };
  const held = evaluateWhen(success, facts);
  if (held === true) return undefined;
  return held === false
    ? failed('rework', UNSUCCESSFUL, `"${success}" does not hold: ${JSON.stringify(valuesIn(success, facts))}`)
    : failed('blocked', 'success', `"${success}" has no answer: ${held}`);
}

/** Where a failure goes: to the stage that takes it back, to a person, or to the end of the run. */
function fall(pipeline: Pipeline, state: EngineState, stage: string, failure: Handoff): EngineState {
  const { onRework: rework, approval } = pipeline.stages[stage]!;
  const { summary, fingerprint, artifact, note, cause = failure.status } = failure;
  const run = state.stages[stage]!;
  const to = routeOf(pipeline, stage, failure);
  if (to === 'fail') return { ...state, ended: { how: 'failed', reason: `${stage} (${cause}): ${summary}` } };
  if (to === 'escalate' || rework === undefined) return escalate(state, { stage, cause, summary });
  if (fingerprint !== undefined && fingerprint === run.fingerprint) {
    return escalate(state, { stage, cause: 'unchanged-failure', summary: `the same again: ${summary}` });
  }
  if (run.reworks >= rework.max) {
    const reason = `sent back ${rework.max} times, and still: ${summary}`;
    if (rework.then === 'fail') return { ...state, ended: failedAfterRetries(stage, reason) };
    return escalate(state, { stage, cause: 'cap', summary: reason });
  }
  // What a person asks for begins a new matter: the rounds of the old one are not held against it.
  const fresh = approval === undefined ? state : renewed(pipeline, state, to);
  const counted = put(fresh, stage, { ...run, reworks: run.reworks + 1, ...(fingerprint && { fingerprint }) });
  const news = { from: stage, summary, ...(artifact && { artifact }), ...(note && { note }) };
  return rewind(pipeline, counted, to, [...passedOn(pipeline, state, stage), news], judgedBy(pipeline, stage, failure));
}

const failedAfterRetries = (stage: string, why: string): Ending => {
  const cause = 'failed_after_retries';
  return { how: 'failed', cause, reason: `${stage} (${cause}): ${why}` };
};

/** Whose work a failure is about: who sends work back speaks of all before it, who is stuck itself of nobody's. */
function judgedBy(pipeline: Pipeline, stage: string, { status, cause }: Handoff): ReadonlySet<string> {
  return status === 'rework' && cause !== UNSUCCESSFUL ? upstream(pipeline, stage) : new Set();
}

/** What failed before this stage, and was left to it to judge. */
function passedOn(pipeline: Pipeline, state: EngineState, stage: string): Feedback[] {
  const before = upstream(pipeline, stage);
  return stageNames(pipeline).flatMap((from) => {
    const { status, handoff } = state.stages[from]!;
    if (!before.has(from) || status !== 'done' || handoff?.status !== 'rework') return [];
    return [{ from, summary: handoff.summary, ...(handoff.artifact && { artifact: handoff.artifact }) }];
  });
}

/** A stage, `escalate` or `fail`. A stage that is blocked goes where its cause is named, and to a person otherwise. */
function routeOf(pipeline: Pipeline, stage: string, { status, cause = '' }: Handoff): string {
  const rework = pipeline.stages[stage]!.onRework;
  return rework?.except[cause] ?? (status === 'rework' ? rework?.to : undefined) ?? 'escalate';
}

/** A stage and all after it with all their rounds again. */
function renewed(pipeline: Pipeline, state: EngineState, to: string): EngineState {
  return [to, ...downstream(pipeline, to)].reduce((after, name) => {
    const { fingerprint: _, ...run } = after.stages[name]!;
    return put(after, name, { ...run, reworks: 0 });
  }, state);
}

/**
 * Voids a stage and everything after it. The stage keeps its work, and hears why it came back, and so do those after it
 * whose work was judged; what a person once asked of it, it hears each time.
 */
export function rewind(
  pipeline: Pipeline,
  state: EngineState,
  to: string,
  news: readonly Feedback[],
  judged: ReadonlySet<string> = new Set(),
): EngineState {
  const voided = [to, ...downstream(pipeline, to)];
  const escalations = state.escalations.filter(({ stage }) => !voided.includes(stage));
  const forOthers = news.map((item): Feedback => ({ ...item, to }));
  return voided.reduce<EngineState>(
    (after, name) => {
      const { handoff: _, skipped: __, ...kept } = after.stages[name]!;
      const asked = kept.feedback.filter(({ note }) => note !== undefined);
      const heard = name === to ? news : judged.has(name) && isWork(kept.work) ? forOthers : [];
      return put(after, name, { ...kept, status: 'waiting', feedback: [...asked, ...heard] });
    },
    { ...state, escalations },
  );
}

// ── what a person decides ───────────────────────────────────────────────────────────────────────────────────────

/** Goes on from an escalation with a person's words, and with all its rounds again. */
export function guide(pipeline: Pipeline, state: EngineState, by: string, note: string): EngineState {
  const [escalation, ...escalations] = state.escalations;
  if (escalation === undefined) return state;
  const { stage, summary } = escalation;
  const { verdict, feedback } = state.stages[stage]!;
  const to = guided(pipeline, stage, verdict);
  const artifact = verdict?.artifact;
  const words: Feedback = { from: by, summary, note, ...(artifact && { artifact }) };
  // A stage that was stuck itself has not acted on what it was told before.
  const unheard = to === stage ? feedback.filter((item) => item.note === undefined) : [];
  const judged = verdict === undefined ? undefined : judgedBy(pipeline, stage, verdict);
  return rewind(pipeline, renewed(pipeline, { ...state, escalations }, to), to, [...unheard, words], judged);
}

/** The stage that can act on a person's words. */
function guided(pipeline: Pipeline, stage: string, verdict: Handoff | undefined): string {
  if (verdict === undefined) return stage;
  const rework = pipeline.stages[stage]!.onRework;
  const named = rework?.guided?.[verdict.cause ?? ''];
  if (named !== undefined) return named;
  const route = routeOf(pipeline, stage, verdict);
  if (pipeline.stages[route] !== undefined) return route;
  return (verdict.status === 'rework' ? rework?.to : undefined) ?? stage;
}

/** Leaves out the escalated stage where nothing that is merged depends on it, and the whole run where something does. */
export function skip(pipeline: Pipeline, state: EngineState, by: string, note: string): EngineState {
  const [escalation, ...escalations] = state.escalations;
  if (escalation === undefined) return state;
  const { stage } = escalation;
  const reason = `skipped by ${by}: ${note || escalation.summary}`;
  if (leadsToMerge(pipeline, stage)) return { ...state, ended: { how: 'skipped', reason } };
  const values = { by, note };
  return put({ ...state, escalations }, stage, {
    ...state.stages[stage]!,
    status: 'skipped',
    skipped: { expression: reason, values },
  });
}

export function abandon(state: EngineState, by: string, note: string): EngineState {
  if (ending(state) !== undefined) return state; // what is merged cannot be abandoned any more
  return { ...state, ended: abandoned(by, note) };
}

export const abandoned = (by: string, note: string) => ({
  how: 'abandoned' as const,
  reason: `abandoned by ${by}${note ? `: ${note}` : ''}`,
});

// ── reading the state ───────────────────────────────────────────────────────────────────────────────────────────

export function ending(state: EngineState): Ending | undefined {
  if (state.ended !== undefined) return state.ended;
  const all = Object.values(state.stages);
  return all.every(({ status }) => status === 'done' || status === 'skipped') ? { how: 'complete' } : undefined;
}

/** The decision fields of every stage that is done, under the stage's name. */
export function factsSoFar(state: EngineState): Facts {
  const done = Object.entries(state.stages).filter(([, { handoff }]) => handoff !== undefined);
  return Object.fromEntries(
    done.flatMap(([name, { handoff }]) => {
      const facts = { ...handoff!.facts, confidence: handoff!.confidence };
      const kind = handoff!.artifact?.kind;
      return [...(kind === undefined ? [] : [[nameOfKind(kind), facts] as const]), [name, facts] as const];
    }),
  );
}

/** An opinion is formed anew; what was made is corrected. */
const isWork = (handoff: Handoff | undefined) => handoff !== undefined && !isJudgement(handoff);

function escalate(state: EngineState, escalation: Escalation): EngineState {
  return { ...state, escalations: [...state.escalations, escalation] };
}

function put(state: EngineState, stage: string, value: StageState): EngineState {
  return { ...state, stages: { ...state.stages, [stage]: value } };
}
