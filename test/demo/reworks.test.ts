// What the demo counts as sent back.
import { handoffPaths, sentBackIn } from '../../scripts/demo/reworks';
import { Pipeline } from '../../src/domain/pipeline';

const pipeline = Pipeline.parse({
  name: 'p',
  stages: { test: { check: 'tests', passOn: ['failing'] }, assess: { agent: 'a', needs: ['test'] } },
});
const handoff = (status: string, cause?: string) => JSON.stringify({ status, cause, summary: `${status}: ${cause}` });

test('of several who work side by side, all together send back; a part alone counts where there is no whole', () => {
  const read = ['stages/review/1/handoff.json', 'stages/review/2/handoff.json', 'stages/merge/1-on-0a1b/handoff.json'];
  const parts = ['stages/review/1-tokens/handoff.json', 'stages/review/1-sessions/handoff.json'];
  const others = ['stages/review/1/Review.json', 'board.json', 'stages/review/1/deep/handoff.json'];
  expect(handoffPaths([...others, ...parts, ...read])).toEqual(read);
});

test('what is passed on to be judged is sent back by the one who judges', () => {
  const files = new Map([
    ['stages/test/1/handoff.json', handoff('rework', 'failing')],
    ['stages/assess/1/handoff.json', handoff('rework', 'fix')],
    ['stages/test/2/handoff.json', handoff('rework', 'weak-tests')],
    ['stages/test/3/handoff.json', handoff('ok')],
  ]);
  expect(sentBackIn(files, pipeline)).toEqual([
    { stage: 'assess', iteration: 1, summary: 'rework: fix' },
    { stage: 'test', iteration: 2, summary: 'rework: weak-tests' },
  ]);
});
