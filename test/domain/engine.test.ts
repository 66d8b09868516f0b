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
import type { Facts, Handoff } from '../../src/domain/handoff';
import { Pipeline } from '../../src/domain/pipeline';
import { handoff, pipelineOf } from './engine-parts';

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

  describe('sends each kind of failure where the pipeline says', () => {
    const routed = pipelineOf({
      plan: { agent: 'p' },
      code: {
        agent: 'a',
        needs: ['plan'],
        success: 'code.files > 0',
        onRework: {
          ...{ to: 'code', max: 2, then: 'escalate' as const },
          except: { unusable: 'code', 'low-confidence': 'plan', refusal: 'fail', odd: 'escalate', unclear: 'escalate' },
          guided: { unclear: 'plan' },
        },
      },
    });
    const planned = () => run(begin(routed), 'plan', {}, routed);
    const coded = (result: Partial<Handoff>) => run(planned(), 'code', { facts: { files: 1 }, ...result }, routed);

    test('tried again, also where it was blocked', () => {
      const after = coded({ status: 'blocked', cause: 'unusable', summary: 'no JSON' });
      expect(ready(routed, after)).toEqual(['code']);
      expect(after.stages.code!.feedback).toMatchObject([{ from: 'code', summary: 'no JSON' }]);
      expect(after.stages.plan!.status).toBe('done');
    });

    test('planned again, where it is less sure than demanded', () => {
      const after = coded({ confidence: 0.3 });
      expect(ready(routed, after)).toEqual(['plan']);
      expect(after.stages.plan!.feedback).toMatchObject([
        { from: 'code', summary: expect.stringMatching(/^confidence 0.3 is under 0.6/) },
      ]);
    });

    test('the end of the run', () => {
      const refused = coded({ status: 'blocked', cause: 'refusal', summary: 'I cannot' });
      expect(ending(refused)).toEqual({ how: 'failed', reason: 'code (refusal): I cannot' });
    });

    test('a person, where it says so or says nothing, and the words of this person go to the stage', () => {
      for (const cause of ['odd', 'unheard-of']) {
        const stuck = coded({ status: 'blocked', cause });
        expect(stuck.escalations).toMatchObject([{ stage: 'code', cause }]);
        expect(ready(routed, guide(routed, stuck, 'ada', 'like this'))).toEqual(['code']);
      }
    });

    test('a person, whose words go where the pipeline says of this cause', () => {
      for (const status of ['blocked', 'rework'] as const) {
        const stuck = coded({ status, cause: 'unclear' });
        expect(stuck.escalations).toMatchObject([{ stage: 'code', cause: 'unclear' }]);
        const after = guide(routed, stuck, 'ada', 'like this');
        expect(ready(routed, after)).toEqual(['plan']);
        expect(after.stages.plan!.feedback).toMatchObject([{ from: 'ada', note: 'like this' }]);
      }
    });

    test('a person, after too many rounds, whose words go where the pipeline says and not to what was only done again', () => {
      const retested = pipelineOf({
        check: { check: 'tests', passOn: ['failing'] },
        assess: {
          agent: 'a',
          needs: ['check'],
          onRework: {
            to: 'assess',
            except: { retest: 'check' },
            guided: { retest: 'assess' },
            max: 1,
            then: 'escalate',
          },
        },
      });
      const again = { status: 'rework', cause: 'retest' } as const;
      let state = begin(retested);
      for (const _ of [1, 2]) state = run(run(state, 'check', {}, retested), 'assess', again, retested);
      expect(state.escalations).toMatchObject([{ stage: 'assess', cause: 'cap' }]);
      const after = guide(retested, state, 'ada', 'it is the code');
      expect(ready(retested, after)).toEqual(['assess']);
      expect(after.stages.assess).toMatchObject({ reworks: 0, feedback: [{ from: 'ada', note: 'it is the code' }] });
    });

    test('all within one cap', () => {
      let state = planned();
      for (const cause of ['unusable', 'rework', 'unusable'])
        state = run(state, 'code', { status: cause === 'rework' ? 'rework' : 'blocked', cause, facts: {} }, routed);
      expect(state.escalations).toMatchObject([{ stage: 'code', cause: 'cap' }]);
    });
  });

  test('demands what a stage calls its success, with what it saw', () => {
    const pipeline = pipelineOf({
      code: {
        agent: 'a',
        success: 'code.files > 0 && request.strict',
        onRework: { to: 'code', except: {}, max: 1, then: 'fail' },
      },
    });
    const coded = (files: number, known: Facts = { request: { strict: true } }) =>
      settle(pipeline, start(begin(pipeline), 'code'), {
        ...{ stage: 'code', iteration: 1, handoff: handoff({ facts: { files } }), confidence: 0, known },
      });
    expect(ending(coded(1))).toEqual({ how: 'complete' });
    const empty = coded(0);
    expect(ready(pipeline, empty)).toEqual(['code']);
    expect(empty.stages.code!.feedback[0]!.summary).toBe(
      '"code.files > 0 && request.strict" does not hold: {"code.files":0,"request.strict":true}',
    );
    expect(coded(1, {}).escalations).toMatchObject([
      { cause: 'success', summary: expect.stringContaining('no answer') },
    ]);
  });

  test('passes on what the stages after it are to judge, as it is', () => {
    const pipeline = pipelineOf({
      verify: { check: 'tests', passOn: ['failing'] },
      assess: { agent: 'a', needs: ['verify'], when: '!verify.green' },
    });
    const red: Partial<Handoff> = { status: 'rework', cause: 'failing', facts: { green: false } };
    const passed = skipUnneeded(pipeline, run(begin(pipeline), 'verify', red, pipeline), {});
    expect(passed.stages.verify).toMatchObject({ status: 'done', handoff: { status: 'rework', cause: 'failing' } });
    expect(ready(pipeline, passed)).toEqual(['assess']);
    const weak = run(begin(pipeline), 'verify', { ...red, cause: 'weak-tests' }, pipeline);
    expect(weak.escalations).toMatchObject([{ cause: 'weak-tests' }]);
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
