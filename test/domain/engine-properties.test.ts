import fc from 'fast-check';
import {
  abandon,
  begin,
  ending,
  guide,
  ready,
  rewind,
  settle,
  skip,
  skipUnneeded,
  start,
  type EngineState,
} from '../../src/domain/engine';
import type { Handoff } from '../../src/domain/handoff';
import { downstream, stageNames, type Pipeline, type Stage } from '../../src/domain/pipeline';
import { handoff, pipelineOf } from './engine-parts';
import { EngineModel, NEVER, type Outcome } from './engine-model';

function run(state: EngineState, stage: string, pipeline: Pipeline): EngineState {
  const running = start(state, stage);
  const { iteration } = running.stages[stage]!;
  return settle(pipeline, running, { stage, iteration, handoff: handoff(), confidence: 0.6 });
}

/** Random graphs that end, as every pipeline must, in verify → approve → merge; and one stage on which nothing merged depends. */
const graphs = fc
  .record({
    agents: fc.integer({ min: 1, max: 6 }),
    edges: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 12 }),
    reworks: fc.array(
      fc.record({
        at: fc.nat(5),
        to: fc.nat(5),
        max: fc.integer({ min: 1, max: 3 }),
        fail: fc.boolean(),
        stuck: fc.constantFrom('', 'escalate', 'fail', 'self'),
      }),
      { maxLength: 4 },
    ),
    conditions: fc.array(fc.tuple(fc.nat(5), fc.constantFrom(NEVER, '2 > 1')), { maxLength: 2 }),
    caps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    back: fc.nat(5),
  })
  .map(({ agents, edges, reworks, conditions, caps, back }) => {
    const name = (at: number) => `s${at % agents}`;
    const needs = (at: number) => [
      ...new Set(edges.filter(([from, to]) => to % agents === at && from % agents < at).map(([from]) => name(from))),
    ];
    const stages: Record<string, Partial<Stage>> = {};
    for (let at = 0; at < agents; at++) {
      const rework = reworks.find((candidate) => candidate.at % agents === at);
      const before = [...needs(at), `s${at}`];
      const when = conditions.find(([of]) => of === at)?.[1];
      stages[`s${at}`] = {
        agent: 'a',
        needs: needs(at),
        ...(when !== undefined && { when }),
        ...(rework && {
          onRework: {
            to: before[rework.to % before.length]!,
            except: rework.stuck === '' ? {} : { stuck: rework.stuck === 'self' ? `s${at}` : rework.stuck },
            max: rework.max,
            then: rework.fail ? ('fail' as const) : ('escalate' as const),
          },
        }),
      };
    }
    const all = Object.keys(stages);
    const onRework = (cap: number) => ({
      ...{ to: 's0', except: { weak: name(back) }, max: caps[cap]!, then: 'escalate' as const },
    });
    stages.verify = { check: 'tests', needs: all, onRework: onRework(0) };
    stages.review = { agent: 'a', needs: ['verify'], onRework: onRework(1) };
    stages.approve = { approval: 'candidate', needs: ['review'], onRework: onRework(2) };
    stages.merge = { merge: 'base', needs: ['approve'], onRework: onRework(3) };
    stages.notes = { agent: 'a', needs: ['verify'] };
    return pipelineOf(stages);
  });

const leadsNowhere = (stage: string) => stage === 'notes';

type Step = {
  status: Handoff['status'];
  cause?: string;
  confidence: number;
  same: boolean;
  pick: number;
  person: 'guide' | 'skip' | 'abandon';
};

/** What comes back and what people say, each as often as its weight. */
const steps = (weights: Record<Handoff['status'], number>, persons: Record<Step['person'], number>) => {
  const often = <T extends string>(all: Record<T, number>) =>
    fc.oneof(
      ...Object.entries<number>(all).map(([arbitrary, weight]) => ({ arbitrary: fc.constant(arbitrary as T), weight })),
    );
  return fc
    .record({
      status: often(weights),
      weak: fc.boolean(),
      confidence: fc.constantFrom(1, 1, 1, 1, 1, 0.2),
      same: fc.constantFrom(false, false, false, true),
      pick: fc.nat(20),
      person: often(persons),
    })
    .map(({ weak, ...step }): Step => ({
      ...step,
      cause: { ok: undefined, rework: weak ? 'weak' : undefined, blocked: 'stuck' }[step.status],
    }));
};

type Course = 'calm' | 'stormy' | 'choosy' | 'anyhow';

/** How a run goes: mostly well; sent back again and again by all who may, with nobody giving up; by the approver alone; anyhow. */
const courses = fc.constantFrom<Course>('calm', 'stormy', 'choosy', 'anyhow').chain((course) =>
  fc.record({
    course: fc.constant(course),
    stream: fc.infiniteStream(
      {
        calm: steps({ ok: 9, rework: 1, blocked: 0 }, { guide: 4, skip: 1, abandon: 1 }),
        stormy: steps({ ok: 3, rework: 4, blocked: 0 }, { guide: 1, skip: 0, abandon: 0 }),
        choosy: steps({ ok: 1, rework: 3, blocked: 0 }, { guide: 1, skip: 0, abandon: 0 }),
        anyhow: steps({ ok: 3, rework: 1, blocked: 1 }, { guide: 2, skip: 1, abandon: 1 }),
      }[course],
    ),
    people: fc.nat(course === 'stormy' || course === 'choosy' ? 6 : 3),
  }),
);

/** Who has nothing to say against it on such a course. */
const pleased: Record<Course, (stage: Stage) => boolean> = {
  calm: () => false,
  stormy: ({ onRework }) => onRework === undefined,
  choosy: ({ approval }) => approval === undefined,
  anyhow: () => false,
};

/** What the engine shows of itself, in the model's words. */
function standing(state: EngineState): string {
  const stages = Object.entries(state.stages).map(([name, { status, iteration }]) => `${name} ${status} ${iteration}`);
  const stuck = state.escalations.map(({ stage, cause }) => `${stage} is stuck: ${cause}`);
  return [...stages, ...stuck, ending(state)?.how ?? 'under way'].join('\n');
}

function agree(state: EngineState, model: EngineModel, after: string): void {
  if (standing(state) !== model.standing())
    throw new Error(`after ${after} the engine says\n${standing(state)}\n\nand it should be\n${model.standing()}`);
}

test('whatever comes back, a run ends within its caps, merges only what was verified and approved, and never on a voided result', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(graphs, courses, (pipeline, { course, stream, people }) => {
      const model = new EngineModel(pipeline);
      const inFlight: { stage: string; iteration: number }[] = [];
      const all = stageNames(pipeline).length;
      const caps = Object.values(pipeline.stages).reduce((sum, { onRework }) => sum + (onRework?.max ?? 0), 0);
      let state = begin(pipeline);
      let [decided, starts, merges] = [0, 0, 0];

      while (model.ended === undefined && (!model.waitsForPerson || decided < people || inFlight.length > 0)) {
        const step = stream.next().value as Step;
        state = skipUnneeded(pipeline, state, {});
        model.skipUnneeded();
        agree(state, model, 'skipping');
        if (`${ready(pipeline, state)}` !== `${model.ready()}`)
          throw new Error(`${ready(pipeline, state)} may start, and it should be ${model.ready()}`);
        for (const stage of model.ready()) {
          // The claim itself, from what the test handed in: the last tests and the last decision were good, and nothing has voided them.
          if (stage === 'merge' && !(model.passed('verify') && model.passed('review') && model.passed('approve')))
            throw new Error('merge without its guards');
          state = start(state, stage);
          inFlight.push({ stage, iteration: model.start(stage) });
          starts += 1;
        }
        agree(state, model, 'starting');

        const [result] = inFlight.splice(step.pick % Math.max(1, inFlight.length), 1);
        if (result !== undefined) {
          const { stage, iteration } = result;
          const outcome: Outcome = pleased[course](pipeline.stages[stage]!)
            ? { status: 'ok', confidence: 1 }
            : {
                status: step.status,
                confidence: step.confidence,
                cause: step.cause,
                fingerprint: step.same ? 'same' : `${starts} ${stage}`,
              };
          state = settle(pipeline, state, { stage, iteration, handoff: handoff(outcome), confidence: 0.5 });
          model.settle(stage, iteration, outcome, 0.5);
          agree(state, model, `${stage}: ${JSON.stringify(outcome)}`);
          if (stage === 'merge' && model.passed('merge')) merges += 1;
        } else if (model.waitsForPerson && decided < people) {
          decided += 1;
          switch (step.person) {
            case 'guide':
              state = guide(pipeline, state, 'ada', 'go on');
              model.guide();
              break;
            case 'skip':
              state = skip(pipeline, state, 'ada', '');
              model.skip(leadsNowhere);
              break;
            case 'abandon':
              state = abandon(state, 'ada', '');
              model.abandon();
          }
          agree(state, model, step.person);
        }
        const count = (what: string) => model.seen.get(what) ?? 0;
        const back = count('sent back');
        // Only a person's words, here or in a decision, give rounds again.
        if (back > caps * (1 + count('guided') + count('changes asked for')))
          throw new Error(`${back} times sent back, with caps of ${caps} in all`);
        if (starts > (1 + back + count('guided')) * all) throw new Error(`${starts} starts, ${back} times sent back`);
      }
      if (model.ended === 'complete') expect(merges).toBe(1);
      else expect(merges).toBeLessThanOrEqual(1);
      const end = model.ended ?? 'waits for a person';
      for (const [what, count] of [...model.seen, [end, 1] as const]) seen.set(what, (seen.get(what) ?? 0) + count);
    }),
    { numRuns: 3_000 },
  );
  // A claim about what never occurred would be none.
  const ends = ['complete', 'failed', 'skipped', 'abandoned', 'waits for a person'];
  const stops = ['cap', 'unchanged-failure', 'low-confidence', 'rework', 'stuck'];
  const never = [...ends, ...stops, 'sent back', 'changes asked for', 'guided', 'left out', 'late'].filter(
    (what) => !seen.has(what),
  );
  expect(never).toEqual([]);
});

test('rework voids exactly the stage it goes to and what builds on it', () => {
  fc.assert(
    fc.property(graphs, fc.nat(8), (pipeline, pick) => {
      const names = stageNames(pipeline);
      const done = names.reduce((state, name) => run(state, name, pipeline), begin(pipeline));
      const to = names[pick % names.length]!;
      const after = rewind(pipeline, done, to, []);
      const voided = names.filter((name) => after.stages[name]!.status === 'waiting');
      expect(new Set(voided)).toEqual(new Set([to, ...downstream(pipeline, to)]));
    }),
  );
});
