import fc from 'fast-check';
import { admit, decisionKinds, type Awaited } from '../../src/domain/decision';

const subject = 'a'.repeat(40);
const waiting: Awaited = { approval: { subject }, escalated: false, paused: false };
const nothing: Awaited = { escalated: false, paused: false };
const reason = (...args: Parameters<typeof admit>) => {
  const admission = admit(...args);
  return admission.accepted ? 'accepted' : admission.reason;
};

test('an approval counts for exactly what waits, by somebody who is listed', () => {
  expect(admit('approve', { subject, by: 'ada', note: 'fine' }, ['ada'], waiting)).toEqual({
    accepted: true,
    decision: { subject, by: 'ada', note: 'fine' },
  });
  expect(reason('approve', { subject: 'b'.repeat(40), by: 'ada' }, ['ada'], waiting)).toBe(
    'it names bbbbbbbbbb, and what waits is aaaaaaaaaa',
  );
  expect(reason('approve', { subject, by: 'eve' }, ['ada', 'bob'], waiting)).toBe(
    'eve is not one of those who may decide: ada, bob',
  );
  expect(reason('approve', { subject, by: 'ada' }, ['ada'], nothing)).toBe(
    'nothing waits for an approval now, so aaaaaaaaaa was not decided',
  );
});

test('where nobody is listed, whoever can signal may decide', () => {
  expect(reason('approve', { subject, by: 'eve' }, [], waiting)).toBe('accepted');
});

test('guidance and skipping need an escalation', () => {
  expect(reason('guide', { by: 'ada', note: 'try' }, [], nothing)).toBe(
    'nothing has been escalated, so there is nothing to decide',
  );
  expect(reason('guide', { by: 'ada', note: 'try' }, [], { escalated: true, paused: false })).toBe('accepted');
  expect(reason('guide', { by: 'ada' }, [], { escalated: true, paused: false })).toMatch(/^malformed: .*note/);
});

test('a short commit, an unknown field and a decision without a name are malformed', () => {
  expect(reason('approve', { subject: 'aaaaaaaaaa', by: 'ada' }, [], waiting)).toMatch(/^malformed: .*full commit/);
  expect(reason('approve', { subject, by: 'ada', force: true }, [], waiting)).toMatch(/^malformed: .*force/);
  expect(reason('approve', { subject }, [], waiting)).toMatch(/^malformed: .*by/);
});

test('whatever is sent, it is answered and never thrown, and the reason stays short', () => {
  fc.assert(
    fc.property(fc.constantFrom(...decisionKinds), fc.anything(), (kind, input) => {
      const admission = admit(kind, input, ['ada'], waiting);
      expect(admission.accepted).toBe(false);
      if (!admission.accepted) expect(admission.reason.length).toBeLessThan(400);
    }),
    { numRuns: 10_000 },
  );
});
