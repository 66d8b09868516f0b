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

const small = pipelineOf({
  write: { agent: 'a' },
  tests: { agent: 't' },
  verify: {
    check: 'tests',
    needs: ['write', 'tests'],
    onRework: { to: 'write', except: { weak: 'tests' }, max: 2, then: 'escalate' },
  },
  approve: { approval: 'candidate', needs: ['verify'] },
  merge: { merge: 'base', needs: ['approve'] },
});

const asking = Pipeline.parse({
  ...small,
  stages: { ...small.stages, approve: { ...small.stages.approve!, onRework: { to: 'write', max: 5 } } },
});

/** Starts a stage and settles it at once. */
function run(state: EngineState, stage: string, result: Partial<Handoff> = {}, pipeline = small): EngineState {
  const running = start(state, stage);
  return settle(pipeline, running, {
    stage,
    iteration: running.stages[stage]!.iteration,
    handoff: handoff(result),
    confidence: 0.6,
  });
}

const artifact = { kind: 'Change', commit: 'c', path: 'p' };
const written = () => run(run(begin(small), 'write', { artifact, facts: { work: 'one' } }), 'tests');

describe('the engine', () => {
  test('starts side by side what needs nothing, and the rest when all it needs has ended', () => {
    expect(ready(small, begin(small))).toEqual(['write', 'tests']);
    expect(ready(small, run(begin(small), 'write'))).toEqual(['tests']);
    expect(ready(small, written())).toEqual(['verify']);
  });

  test('sends work back to the stage that the pipeline names, with the feedback and the work itself', () => {
    const after = run(written(), 'verify', { status: 'rework', cause: 'failing', summary: 'two fail' });
    expect(ready(small, after)).toEqual(['write']);
    expect(after.stages.write).toMatchObject({
      feedback: [{ from: 'verify', summary: 'two fail' }],
      work: { facts: { work: 'one' } },
    });
    expect(after.stages.tests!.status).toBe('done');
  });

  test('sends it elsewhere for a cause that the pipeline names', () => {
    const after = run(written(), 'verify', { status: 'rework', cause: 'weak', summary: 'hollow' });
    expect(ready(small, after)).toEqual(['tests']);
    expect(after.stages.write!.status).toBe('done');
  });

  test('escalates at the cap, and a person who guides gives it all its rounds again', () => {
    let state = written();
    for (const round of ['1', '2']) {
      state = run(state, 'verify', { status: 'rework', fingerprint: round });
      state = run(state, 'write');
    }
    state = run(state, 'verify', { status: 'rework', fingerprint: '3', summary: 'still' });
    expect(state.escalations).toMatchObject([{ stage: 'verify', cause: 'cap' }]);
    expect(ready(small, state)).toEqual([]);

    const guided = guide(small, state, 'ada', 'use a map');
    expect(ready(small, guided)).toEqual(['write']);
    expect(guided.stages.write!.feedback).toMatchObject([
      { from: 'ada', note: 'use a map', summary: expect.stringContaining('still') },
    ]);
    expect(guided.stages.verify!.reworks).toBe(0);
  });

  test('escalates when the same failure comes back unchanged', () => {
    const once = run(written(), 'verify', { status: 'rework', fingerprint: 'same' });
    const twice = run(run(once, 'write'), 'verify', { status: 'rework', fingerprint: 'same' });
    expect(twice.escalations).toMatchObject([{ cause: 'unchanged-failure' }]);
  });

  test('escalates what is blocked, and what is less sure than demanded', () => {
    expect(run(begin(small), 'write', { status: 'blocked', cause: 'refusal' }).escalations).toMatchObject([
      {
        stage: 'write',
        cause: 'refusal',
      },
    ]);
    expect(run(begin(small), 'write', { confidence: 0.5 }).escalations).toMatchObject([
      {
        stage: 'write',
        cause: 'low-confidence',
      },
    ]);
  });

  test('forgets neither the work nor the feedback when the round in between was blocked', () => {
    const back = run(written(), 'verify', { status: 'rework', cause: 'failing', summary: 'two fail' });
    const stuck = run(back, 'write', { status: 'blocked', cause: 'refusal', summary: 'no' });
    const guided = guide(small, stuck, 'ada', 'try again');
    expect(guided.stages.write).toMatchObject({
      work: { facts: { work: 'one' } },
      feedback: [
        { from: 'verify', summary: 'two fail' },
        { from: 'ada', note: 'try again' },
      ],
    });
  });

  test('tells a stage each time it comes back what a person once asked of it', () => {
    const approving = start(run(written(), 'verify'), 'approve');
    const asked = settle(asking, approving, {
      stage: 'approve',
      iteration: 1,
      handoff: handoff({ status: 'rework', note: 'use argon2' }),
      confidence: 0,
    });
    const failed = run(run(asked, 'write'), 'verify', { status: 'rework', summary: 'one fails' });
    expect(failed.stages.write!.feedback).toMatchObject([{ note: 'use argon2' }, { summary: 'one fails' }]);
  });

  test('what a person asks for has all rounds again, and a failure from before it counts as new', () => {
    let state = written();
    for (const round of ['1', '2'])
      state = run(run(state, 'verify', { status: 'rework', fingerprint: round }), 'write');
    const approving = start(run(state, 'verify'), 'approve');
    const asked = settle(asking, approving, {
      stage: 'approve',
      iteration: 1,
      handoff: handoff({ status: 'rework', note: 'rename it' }),
      confidence: 0,
    });
    const again = run(run(asked, 'write'), 'verify', { status: 'rework', fingerprint: '2' });
    expect(again.escalations).toEqual([]);
    expect(ready(asking, again)).toEqual(['write']);
  });

  test('a failure that returns after a green round in between is not the same failure unchanged', () => {
    const once = run(run(written(), 'verify', { status: 'rework', fingerprint: 'same' }), 'write');
    const green = rewind(small, run(once, 'verify'), 'write', []);
    expect(run(run(green, 'write'), 'verify', { status: 'rework', fingerprint: 'same' }).escalations).toEqual([]);
  });

  test('goes back to the blocked stage itself when a person guides', () => {
    const guided = guide(small, run(begin(small), 'write', { status: 'blocked' }), 'ada', 'try this');
    expect(ready(small, guided)).toEqual(['write', 'tests']);
    expect(guided.stages.write!.feedback).toMatchObject([{ note: 'try this' }]);
  });

  test('never counts the result of a run that has been voided', () => {
    const running = start(written(), 'verify');
    const voided = rewind(small, running, 'write', []);
    const late = settle(small, voided, { stage: 'verify', iteration: 1, handoff: handoff(), confidence: 0 });
    expect(late).toBe(voided);
    const again = start(run(voided, 'write'), 'verify');
    expect(settle(small, again, { stage: 'verify', iteration: 1, handoff: handoff(), confidence: 0 })).toBe(again);
  });

  test('skips a stage whose `when` is false, with the expression and the values that it saw', () => {
    const pipeline = pipelineOf({
      write: { agent: 'a' },
      review: { agent: 'r', needs: ['write'], when: 'change.lines > 10' },
    });
    const change = { artifact: { kind: 'Change', commit: 'c', path: 'p' } };
    const skipped = skipUnneeded(
      pipeline,
      run(begin(pipeline), 'write', { ...change, facts: { lines: 3 } }, pipeline),
      {},
    );
    expect(skipped.stages.review).toMatchObject({
      status: 'skipped',
      skipped: { expression: 'change.lines > 10', values: { 'change.lines': 3 } },
    });
    expect(ending(skipped)).toEqual({ how: 'complete' });
    const kept = skipUnneeded(
      pipeline,
      run(begin(pipeline), 'write', { ...change, facts: { lines: 30 } }, pipeline),
      {},
    );
    expect(ready(pipeline, kept)).toEqual(['review']);
  });

  test('asks a person when `when` has no answer', () => {
    const pipeline = pipelineOf({ write: { agent: 'a', when: 'nothing.there' } });
    expect(skipUnneeded(pipeline, begin(pipeline), {}).escalations).toMatchObject([{ stage: 'write', cause: 'when' }]);
  });

  test('a skip leaves out a stage that nothing merged depends on, and the whole run otherwise', () => {
    const stuck = run(begin(small), 'write', { status: 'blocked' });
    expect(ending(skip(small, stuck, 'ada', ''))).toMatchObject({ how: 'skipped' });
    const apart = pipelineOf({ deploy: { agent: 'd' } });
    const left = skip(apart, run(begin(apart), 'deploy', { status: 'blocked' }, apart), 'ada', 'not needed');
    expect(left.stages.deploy!.status).toBe('skipped');
    expect(ending(left)).toEqual({ how: 'complete' });
  });

  test('what has ended whole cannot be abandoned any more', () => {
    const merged = ['verify', 'approve', 'merge'].reduce((state, stage) => run(state, stage), written());
    expect(ending(abandon(merged, 'ada', 'too late'))).toEqual({ how: 'complete' });
  });

  test('decisions without an escalation change nothing; to abandon is possible at any time', () => {
    const state = written();
    expect(guide(small, state, 'ada', 'x')).toBe(state);
    expect(skip(small, state, 'ada', 'x')).toBe(state);
    expect(ending(abandon(state, 'ada', 'enough'))).toEqual({ how: 'abandoned', reason: 'abandoned by ada: enough' });
  });
});

// ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Random graphs that end, as every pipeline must, in verify → approve → merge. */
const graphs = fc
  .record({
    agents: fc.integer({ min: 1, max: 6 }),
    edges: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 12 }),
    reworks: fc.array(
      fc.record({ at: fc.nat(5), to: fc.nat(5), max: fc.integer({ min: 1, max: 3 }), fail: fc.boolean() }),
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
            except: {},
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
            handoff: handoff({ status, confidence, fingerprint: `${steps}` }),
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
      const done = names.reduce((state, name) => run(state, name, {}, pipeline), begin(pipeline));
      const to = names[pick % names.length]!;
      const after = rewind(pipeline, done, to, []);
      const voided = names.filter((name) => after.stages[name]!.status === 'waiting');
      expect(new Set(voided)).toEqual(new Set([to, ...downstream(pipeline, to)]));
    }),
  );
});
