// What an agent is asked to do, last of all: begin, correct what came back, or bring up to date what others have changed.
import { userPrompt } from '../../src/domain/prompt';
import type { Feedback } from '../../src/domain/handoff';

const asked = (feedback: readonly Feedback[], again: boolean) => userPrompt([], feedback, { nonce: 'n', again });
const meant = { from: 'verify', summary: 'one fails' };
const passedOn = { from: 'evaluate', to: 'specify', summary: 'too vague' };

test('to begin, where there is nothing yet', () => {
  expect(asked([], false)).toBe('Do your work now.');
});

test.each([[[meant]], [[passedOn, meant]]])('to correct what came back', (feedback) => {
  expect(asked(feedback, true)).toMatch(/title="feedback from verify">[^]*Your earlier work has come back/);
});

const heeded = { ...meant, note: 'as it was', heeded: true as const };

test.each([[[]], [[passedOn]], [[heeded, passedOn]]])(
  'to keep what still holds, where it was not this work that came back',
  (feedback) => {
    expect(asked(feedback, true)).toMatch(/What you worked from has changed[^]*keep all that still holds\.$/);
  },
);

test('says whose work came back, where it was that of another', () => {
  expect(asked([passedOn], true)).toContain('title="feedback from evaluate, to specify">\ntoo vague\n');
});
