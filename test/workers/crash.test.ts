// What a worker that is to be struck is told. That it is struck there is what test/faults/crash-sweep.test.ts is about.
import { parseCrash, struck } from '../../src/workers/crash';

test.each([
  ['merge:middle', { stage: 'merge', strikes: [{ point: 'middle', how: 'kill' }] }],
  ['runTests:before', { activity: 'runTests', strikes: [{ point: 'before', how: 'kill' }] }],
  [
    'verify/runTests:middle=freeze,after=lose',
    {
      ...{ stage: 'verify', activity: 'runTests' },
      strikes: [
        { point: 'middle', how: 'freeze' },
        { point: 'after', how: 'lose' },
      ],
    },
  ],
])('%s is understood', (text, plan) => {
  expect(parseCrash(text)).toEqual(plan);
});

test.each(['merge', ':before', 'merge:', 'merge:soon', 'merge:before=lose', 'merge:before,', 'Merge:before'])(
  '"%s" is refused, with what was expected',
  (text) => {
    expect(() => parseCrash(text)).toThrow(`MILLWRIGHT_CRASH is "${text}"; expected <stage>:<point>`);
  },
);

test('without a word of it a worker stays as it is', () => {
  const options = { interceptors: {} };
  expect(struck(options, undefined)).toBe(options);
  expect(struck(options, '')).toBe(options);
});
