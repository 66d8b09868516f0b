// Who hears why work came back: the stage it goes to, and those after it whose work was judged along with it.
import { begin, ending, guide, rewind, settle, start, type EngineState } from '../../src/domain/engine';
import { isMeant, type Handoff } from '../../src/domain/handoff';
import { handoff, pipelineOf } from './engine-parts';

const specifying = { to: 'specify', except: { unsure: 'specify' }, max: 1, then: 'fail' as const };
const pipeline = pipelineOf({
  specify: { agent: 's' },
  design: { agent: 'd', needs: ['specify'] },
  implement: { agent: 'i', needs: ['design'], onRework: specifying },
  tests: { agent: 't', needs: ['design'] },
  verify: { check: 'tests', needs: ['implement', 'tests'] },
  review: { agent: 'r', needs: ['verify'] },
  notes: { agent: 'n', needs: ['verify'] },
  evaluate: { agent: 'e', needs: ['review'], onRework: specifying },
});
const kinds: Record<string, string> = { verify: 'TestReport', review: 'Review', evaluate: 'Evaluation' };

function run(state: EngineState, stage: string, result: Partial<Handoff> = {}): EngineState {
  const running = start(state, stage);
  const { iteration } = running.stages[stage]!;
  const artifact = { kind: kinds[stage] ?? 'Change', commit: `${iteration}`, path: stage };
  return settle(pipeline, running, { stage, iteration, handoff: handoff({ artifact, ...result }), confidence: 0.6 });
}
const judged = ['specify', 'design', 'implement', 'tests', 'verify', 'notes', 'review'];
const runAll = (stages: readonly string[], state = begin(pipeline)) =>
  stages.reduce((now, stage) => run(now, stage), state);
const short: Partial<Handoff> = { status: 'rework', cause: 'evaluation', summary: 'too slow' };
const sentBack = () => run(runAll(judged), 'evaluate', short);
const told = (state: EngineState) =>
  Object.entries(state.stages).flatMap(([name, { feedback }]) =>
    feedback.map(({ from, to, summary, note }) => [name, from, to, note ?? summary]),
  );

test('what sends work back is heard by all whose work it judged, each knowing whether it is meant', () => {
  const back = sentBack();
  expect(told(back)).toEqual([
    ['specify', 'evaluate', undefined, 'too slow'],
    ['design', 'evaluate', 'specify', 'too slow'],
    ['implement', 'evaluate', 'specify', 'too slow'],
    ['tests', 'evaluate', 'specify', 'too slow'],
  ]);
  expect(back.stages.implement).toMatchObject({
    status: 'waiting',
    feedback: [{ artifact: { kind: 'Evaluation' } }],
    work: { artifact: { kind: 'Change', commit: '1' } },
  });
});

test('who has made nothing yet has nothing to hear', () => {
  const all = runAll(judged);
  const { work: _, ...fresh } = all.stages.tests!;
  const back = run({ ...all, stages: { ...all.stages, tests: fresh } }, 'evaluate', short);
  expect(told(back).map(([name]) => name)).toEqual(['specify', 'design', 'implement']);
});

test.each<[string, Partial<Handoff>]>([
  ['is stuck', { status: 'blocked', cause: 'unsure', summary: 'which one?' }],
  ['misses its own success', { status: 'rework', cause: 'unsuccessful', summary: 'no file' }],
])('an author who %s speaks of nobody else’s work', (_, failure) => {
  const back = run(runAll(['specify', 'design']), 'implement', failure);
  expect(told(back).map(([name]) => name)).toEqual(['specify']);
});

test('the words of a person go the same way', () => {
  const stuck: EngineState = {
    ...sentBack(),
    escalations: [{ stage: 'evaluate', cause: 'cap', summary: 'still too slow' }],
  };
  const hear = told(guide(pipeline, stuck, 'ada', 'use a map')).filter(([, from]) => from === 'ada');
  expect(hear.map(([name, , to, words]) => [name, to, words])).toEqual([
    ['specify', undefined, 'use a map'],
    ['design', 'specify', 'use a map'],
    ['implement', 'specify', 'use a map'],
    ['tests', 'specify', 'use a map'],
  ]);
});

test('a run that has used up its retries ends with that as its cause, and remembers every round', () => {
  const over = run(runAll(judged, sentBack()), 'evaluate', { ...short, summary: 'too slow still' });
  expect(ending(over)).toEqual({
    how: 'failed',
    cause: 'failed_after_retries',
    reason: 'evaluate (failed_after_retries): sent back 1 times, and still: too slow still',
  });
  expect(over.stages.evaluate!.rounds).toMatchObject([
    { iteration: 1, handoff: { summary: 'too slow' } },
    { iteration: 2, handoff: { summary: 'too slow still' } },
  ]);
});

test('what a stage has heeded still stands, and is no reason to change more', () => {
  const asked = settle(pipeline, start(runAll([...judged, 'evaluate']), 'evaluate'), {
    ...{ stage: 'evaluate', iteration: 2, confidence: 0.6 },
    handoff: handoff({ status: 'rework', summary: 'too slow', note: 'use a map' }),
  });
  const meant = (state: EngineState) => state.stages.specify!.feedback.map((item) => [item.note, isMeant(item)]);
  expect(meant(asked)).toEqual([['use a map', true]]);
  expect(meant(run(asked, 'specify', { status: 'blocked' }))).toEqual([['use a map', true]]);
  const done = run(asked, 'specify');
  const again = rewind(pipeline, done, 'specify', []);
  expect(meant(again)).toEqual([['use a map', false]]);
});
