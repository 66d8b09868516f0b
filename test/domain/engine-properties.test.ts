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
import { downstream, Pipeline, stageNames, type Stage } from '../../src/domain/pipeline';
import { noUsage } from '../../src/domain/usage';

const handoff = (change: Partial<Handoff> = {}): Handoff => ({
  status: 'ok',
  confidence: 1,
  summary: 'done',
  facts: {},
  usage: noUsage,
  ...change,
});

const pipelineOf = (stages: Record<string, Partial<Stage>>) => Pipeline.parse({ name: 'p', stages });

function run(state: EngineState, stage: string, pipeline: Pipeline): EngineState {
  const running = start(state, stage);
  const { iteration } = running.stages[stage]!;
  return settle(pipeline, running, { stage, iteration, handoff: handoff(), confidence: 0.6 });
}

/** Random graphs that end, as every pipeline must, in verify → approve → merge. */
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
    skips: fc.array(fc.nat(5), { maxLength: 2 }),
  })
  .map(({ agents, edges, reworks, skips }) => {
    const name = (at: number) => `s${at % agents}`;
    const needs = (at: number) => [
      ...new Set(edges.filter(([from, to]) => to % agents === at && from % agents < at).map(([from]) => name(from))),
    ];
    const stages: Record<string, Partial<Stage>> = {};
    for (let at = 0; at < agents; at++) {
      const rework = reworks.find((candidate) => candidate.at % agents === at);
      const before = [...needs(at), `s${at}`];
      stages[`s${at}`] = {
        agent: 'a',
        needs: needs(at),
        ...(skips.includes(at) && { when: '1 > 2' }),
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
    stages.verify = { check: 'tests', needs: all, onRework: { to: 's0', except: {}, max: 3, then: 'escalate' } };
    stages.approve = {
      approval: 'candidate',
      needs: ['verify'],
      onRework: { to: 's0', except: {}, max: 3, then: 'escalate' },
    };
    stages.merge = { merge: 'base', needs: ['approve'], onRework: { to: 's0', except: {}, max: 3, then: 'escalate' } };
    return pipelineOf(stages);
  });

const outcomes = fc.record({
  status: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'rework' as const, 'blocked' as const),
  confidence: fc.constantFrom(1, 1, 1, 0.2),
  pick: fc.nat(20),
  person: fc.constantFrom('guide' as const, 'skip' as const, 'abandon' as const),
});

test('whatever comes back, a run ends within its caps, merges only what was verified and approved, and never on a voided result', () => {
  fc.assert(
    fc.property(graphs, fc.infiniteStream(outcomes), fc.nat(3), (pipeline, stream, people) => {
      const next = () =>
        stream.next().value as {
          status: Handoff['status'];
          confidence: number;
          pick: number;
          person: 'guide' | 'skip' | 'abandon';
        };
      const inFlight: { stage: string; iteration: number }[] = [];
      let state = begin(pipeline);
      let decided = 0;
      let steps = 0;
      // Between two decisions of a person, each stage runs at most once more than all that can be sent back.
      const sendings = stageNames(pipeline).reduce((sum, name) => sum + (pipeline.stages[name]!.onRework?.max ?? 0), 0);
      const bound = (people + 1) * (sendings + 2) * stageNames(pipeline).length * 2;

      while (
        ending(state) === undefined &&
        (state.escalations.length === 0 || decided < people || inFlight.length > 0)
      ) {
        if (++steps > bound * 3) throw new Error(`no end after ${steps} steps`);
        state = skipUnneeded(pipeline, state, {});
        for (const stage of ready(pipeline, state)) {
          const needs = pipeline.stages[stage]!.needs.map((need) => state.stages[need]!.status);
          if (!needs.every((status) => status === 'done' || status === 'skipped'))
            throw new Error(`${stage} started early`);
          if (stage === 'merge' && !['verify', 'approve'].every((guard) => state.stages[guard]!.status === 'done'))
            throw new Error('merge without its guards');
          state = start(state, stage);
          inFlight.push({ stage, iteration: state.stages[stage]!.iteration });
        }
        const outcome = next();
        const [result] = inFlight.splice(outcome.pick % Math.max(1, inFlight.length), 1);
        if (result !== undefined) {
          const before = state;
          const { status, confidence } = outcome;
          state = settle(pipeline, state, {
            ...result,
            handoff: handoff({
              status,
              confidence,
              fingerprint: `${steps}`,
              ...(status === 'blocked' && { cause: 'stuck' }),
            }),
            confidence: 0.5,
          });
          const current = before.stages[result.stage]!;
          const live = current.status === 'running' && current.iteration === result.iteration;
          if (!live && state !== before) throw new Error('a voided result counted');
        } else if (state.escalations.length > 0 && decided < people) {
          decided += 1;
          if (outcome.person === 'guide') state = guide(pipeline, state, 'ada', 'go on');
          if (outcome.person === 'skip') state = skip(pipeline, state, 'ada', '');
          if (outcome.person === 'abandon') state = abandon(state, 'ada', '');
        }
        for (const name of stageNames(pipeline)) {
          const run = state.stages[name]!;
          const max = pipeline.stages[name]!.onRework?.max ?? 0;
          if (run.reworks > max) throw new Error(`${name} has sent back ${run.reworks} times, with a cap of ${max}`);
          if (run.status !== 'done') continue;
          for (const need of pipeline.stages[name]!.needs) {
            if (!['done', 'skipped'].includes(state.stages[need]!.status))
              throw new Error(`${name} is done on ${need}, which is void`);
          }
        }
      }
      const end = ending(state);
      if (end?.how === 'complete') {
        for (const guard of ['verify', 'approve', 'merge']) expect(state.stages[guard]!.status).toBe('done');
      } else {
        expect(end !== undefined || state.escalations.length > 0).toBe(true);
      }
    }),
    { numRuns: 3_000 },
  );
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
